"""The measurements of trained tutorials 2 and 3, on small untrained models and the embedded corpus."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

import benchmark
import measure
import notebooks
import paired
import tables
from test_definitions import ENGLISH, make_examples, make_translator


def saved(defs: ModuleType, folder: Path, **changes: object) -> str:
    """The path of the checkpoint of a small untrained translator."""
    path = folder / "best.pt"
    defs.save_translator(make_translator(defs, **changes), path)
    return str(path)


def measured(what: str, number: int, checkpoints: list[str], folder: Path, *more: str) -> dict[str, Any]:
    """The line that a measurement keeps."""
    out = folder / "lines.jsonl"
    arguments = [what, *checkpoints, "--tutorial", str(number), "--sentences", "3", "--out", str(out), *more]
    assert measure.main(arguments, notebooks.ROOT) == 0
    return json.loads(out.read_text(encoding="utf-8").splitlines()[-1])


def test_speed_is_kept_for_each_round(later_tutorial: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    number = int(later_tutorial.name[0])
    path = saved(notebooks.definitions(later_tutorial), tmp_path)
    line = measured("speed", number, [path], tmp_path, "--rounds", "2", "--steps", "2")
    assert set(line["training"]) == {"tutorial", "tutorial, float32", "plain"}
    for rates in (*line["training"].values(), *line["translating"].values()):
        assert len(rates) == 2 and min(rates) > 0
    assert f"| {number} | " in capfd.readouterr().out


def test_profile_names_what_takes_the_time(later_tutorial: Path, tmp_path: Path) -> None:
    number = int(later_tutorial.name[0])
    line = measured(
        "profile", number, [saved(notebooks.definitions(later_tutorial), tmp_path)], tmp_path, "--steps", "2"
    )
    assert 0 < sum(line["operations"].values()) <= 1 and len(line["operations"]) == 6
    assert 0 < line["gflops"] < line["gflops_product"]
    assert f"| {number} | " in tables.profile_table([line])


def test_search_measures_every_beam_and_power(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    defs = notebooks.definitions(notebooks.later_tutorials()[0])
    line = measured("search", 2, [saved(defs, tmp_path)], tmp_path)
    found = [(one["beam_size"], one["length_normalisation"]) for one in line["grid"]]
    wide = [(size, power) for size in measure.BEAM_SIZES[1:] for power in measure.LENGTH_NORMALISATIONS]
    assert found == [(1, 0.0), *wide]
    assert "| Tutorial | Model | Beam | Power 0 | Power 0.6 | Power 1 |" in capfd.readouterr().out
    line = measured("search", 2, [saved(defs, tmp_path)], tmp_path, "--beams", "3")
    assert {one["beam_size"] for one in line["grid"]} == {3}


def test_an_ensemble_is_measured_beside_its_models(
    later_tutorial: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The same checkpoint twice: alone and together they translate alike."""
    number, path = int(later_tutorial.name[0]), saved(notebooks.definitions(later_tutorial), tmp_path)
    line = measured("ensemble", number, [path, path], tmp_path)
    names = [one.pop("model") for one in line["models"]]
    assert names == ["model 1", "model 2", "ensemble"] and line["sentences"] == 3
    assert line["models"][0] == line["models"][1] == line["models"][2]
    assert f"| {number} | 2 | " in capfd.readouterr().out
    assert measure.main(["ensemble", path, "--tutorial", str(number), "--out", str(tmp_path / "none.jsonl")]) == 2
    assert "at least two" in capfd.readouterr().err


def test_an_ensemble_chooses_the_power_on_the_validation_set(monkeypatch: pytest.MonkeyPatch) -> None:
    defs = notebooks.definitions(notebooks.later_tutorials()[0])
    sources = {"validation": "hund", "test": "hund hund"}
    pairs = {split: [defs.Pair(text, f"{split} reads a short text here")] for split, text in sources.items()}
    ids, asked = measure.ids(defs, make_translator(defs), [one for (one,) in pairs.values()]), []
    lengths = {split: len(pair.src) for split, pair in zip(pairs, ids, strict=True)}

    def translated(defs: ModuleType, translator: Any, sources: list, beam_size: int, power: float) -> list[str]:
        split = "validation" if len(sources[0]) == lengths["validation"] else "test"
        asked.append((split, beam_size, power))
        return [pairs[split][0].trg if power == 0.5 else "nothing"]

    monkeypatch.setattr(measure, "translated", translated)
    settings = {"beam_size": 4, "length_normalisations": [0.0, 0.5, 1.0]}
    translators, arguments = [make_translator(defs), make_translator(defs)], argparse.Namespace(sentences=None)
    line = measure.ensemble(defs, translators, pairs, settings, arguments)
    tried = [("validation", 4, power) for power in (0.0, 0.5, 1.0)]
    assert asked == [*tried, ("test", 4, 0.5)] * 3
    best = {"length_normalisation": 0.5, "validation_bleu": 100.0, "bleu": 100.0, "chrf": 100.0}
    assert line["models"] == [{"model": name, **best} for name in ("model 1", "model 2", "ensemble")]


def test_table_of_ensembles_shows_the_models_mean() -> None:
    scores = [(30.0, 31.0, 50.0), (32.0, 33.0, 52.0), (34.5, 35.25, 54.0)]
    models = [{"validation_bleu": v, "bleu": b, "chrf": c} for v, b, c in scores]
    (row,) = tables.ensemble_table([{"tutorial": 2, "models": models}]).splitlines()[2:]
    assert row == "| 2 | 2 | 31.00 ± 1.41 | 34.50 | 32.00 ± 1.41 | 35.25 | 51.0 ± 1.4 | 54.0 |"
    assert tables.ensemble_table([]) == ""


def test_words_are_counted_by_how_often_training_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    defs = notebooks.definitions(notebooks.later_tutorials()[0])
    targets = ["a dog", "a dog", "a cat , a cat", "a bird"]
    train = [defs.Pair("hund", target) for target in targets * 3]
    validation = [defs.Pair("hund", text) for text in ("a dog .", "a cat sees a bird !", "a dog and a cat")]
    found = ["a bird.", "the cat", "a cat dog"]
    monkeypatch.setattr(defs, "translate_ids", lambda *_: found)
    pairs, arguments = {"train": train, "validation": validation}, argparse.Namespace(sentences=None)
    translator = make_translator(defs)
    line = measure.words(defs, [translator], pairs, {"beam_size": 2}, arguments)
    # dog and cat stand in training 6 times, bird 3 times, a 15 times, the other words never
    rare = {"times": [2, 10], "words": 5, "written": 3}
    (model,) = line["models"]
    assert model["groups"][:2] == [rare, {"times": [11, 50], "words": 5, "written": 3}]
    assert [group["words"] for group in model["groups"][2:]] == [0, 0]
    table = tables.words_table([{"tutorial": 2, **line}])
    assert (
        "| 2 | model 1 | 60.0% of 5 | 60.0% of 5 | 0.0% of 0 | 0.0% of 0 |" in table
        and "| 201 times or more |" in table
    )


def test_words_are_measured_from_a_checkpoint(later_tutorial: Path, tmp_path: Path) -> None:
    path = saved(notebooks.definitions(later_tutorial), tmp_path)
    line = measured("words", int(later_tutorial.name[0]), [path, path], tmp_path)
    assert line["split"] == "validation" and line["sentences"] == 3
    one, same = line["models"]
    assert one["groups"] == same["groups"] and [one["model"], same["model"]] == ["model 1", "model 2"]
    assert all(0 <= group["written"] <= group["words"] for group in one["groups"])


def test_a_wrong_checkpoint_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    one, two = (notebooks.definitions(path) for path in notebooks.later_tutorials())
    assert measure.main(["search", str(tmp_path / "none.pt"), "--tutorial", "2"]) == 2
    assert measure.main(["search", saved(two, tmp_path), "--tutorial", "2"]) == 2
    errors = capfd.readouterr().err.splitlines()
    assert len(errors) == 2
    assert errors[0].startswith("Expected a checkpoint of tutorial 2: There is no checkpoint at ")
    assert errors[1].startswith("Expected a best.pt of tutorial 2, found something else: ")
    (tmp_path / "other").mkdir()
    other = make_translator(one)
    other.trg_vocabulary = one.Vocabulary([*other.trg_vocabulary.get_itos()[:-1], "other"])
    one.save_translator(other, tmp_path / "other" / "best.pt")
    paths = [saved(one, tmp_path), str(tmp_path / "other" / "best.pt")]
    assert measure.main(["search", *paths, "--tutorial", "2", "--sentences", "2"]) == 2
    assert "one trg_vocabulary" in capfd.readouterr().err
    other = make_translator(one)
    other.src_vocabulary = one.Vocabulary([*other.src_vocabulary.get_itos()[:-1], "other"])
    one.save_translator(other, tmp_path / "other" / "best.pt")
    assert measure.main(["search", *paths, "--tutorial", "2", "--sentences", "2"]) == 2
    assert "one src_vocabulary" in capfd.readouterr().err
    assert measure.main(["search", *paths, "--tutorial", "1"]) == 2
    assert "Expected tutorial 2 or 3" in capfd.readouterr().err


def spoilt(tmp_path: Path) -> list[Path]:
    """Files that are no best.pt: empty, text, and what a training keeps beside it."""
    (tmp_path / "empty.pt").touch()
    (tmp_path / "text.pt").write_text("no checkpoint")
    torch.save({"history": [], "model": {}}, tmp_path / "last.pt")
    return sorted(tmp_path.glob("*.pt"))


def test_files_that_are_no_checkpoints_are_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wrong = spoilt(tmp_path)
    assert len(wrong) == 3
    for path in wrong:
        assert measure.main(["search", str(path), "--tutorial", "2"]) == 2
        assert paired.main([f"2={path}", f"3={path}"]) == 2
        for line in capfd.readouterr().err.splitlines():
            assert line == f"Expected a best.pt of tutorial 2, found something else: {path}"


def test_an_ensemble_of_one_model_twice_is_that_model(later_tutorial: Path) -> None:
    defs = notebooks.definitions(later_tutorial)
    translator = make_translator(defs)
    batch = defs.collate(make_examples(defs, translator), 0)
    alone, twice = translator.model, measure.Ensemble([translator.model, translator.model])
    found = [
        defs.beam_search(model, batch.src, batch.src_lengths, translator.trg_vocabulary, beam_size=3)
        for model in (alone, twice)
    ]
    assert found[0] == found[1]


def test_an_ensemble_averages_probabilities(later_tutorial: Path) -> None:
    defs = notebooks.definitions(later_tutorial)
    models = []
    for seed in (1, 2):
        translator = make_translator(defs)
        torch.manual_seed(seed)
        for parameter in translator.model.parameters():
            parameter.data.normal_(std=0.5)
        models.append(translator.model.eval())
    batch = defs.collate(make_examples(defs, translator), 0)
    ensemble = measure.Ensemble(models)
    fed = torch.full((len(ENGLISH),), 2)
    expected = 0.0
    for model in models:
        state = model.encode(batch.src, batch.src_lengths)
        _, state = model.decode_step(fed, state)
        expected = expected + model.decode_step(fed + 3, state)[0].double().softmax(dim=1) / 2
    state = ensemble.encode(batch.src, batch.src_lengths)
    _, state = ensemble.decode_step(fed, state)
    logits, _ = ensemble.decode_step(fed + 3, state)
    torch.testing.assert_close(logits.double().exp(), expected, atol=1e-6, rtol=1e-5)


def test_keys_projected_at_every_step_change_nothing() -> None:
    defs = notebooks.definitions(notebooks.later_tutorials()[1])
    translator = make_translator(defs)
    plain = measure.plain_translator(translator)
    assert isinstance(plain.model.decoder.attention, measure.KeysEachStep)
    batch = defs.collate(make_examples(defs, translator), 0)
    logits = [model(batch.src, batch.src_lengths, batch.trg) for model in (translator.model, plain.model)]
    torch.testing.assert_close(*logits)


def test_tables_show_means_and_ratios() -> None:
    training = {"tutorial": [300, 310], "tutorial, float32": [200, 200], "plain": [100, 100]}
    line = {"tutorial": 1, "device": "cpu", "precision": "bfloat16", "training": training}
    line["translating"] = {"tutorial": [50.0, 50.0], "plain": [2.0, 2.5]}
    (row,) = tables.speed_table([line]).splitlines()[2:]
    assert "| 305 ± 7 | 100 ± 0 | 3.0 ± 0.1 | 2.0 ± 0.0 | 50.0 ± 0.0 |" in row and row.endswith("| 22.5 ± 3.5 |")
    assert tables.speed_table([]) == tables.profile_table([]) == tables.search_table([]) == ""


def test_tutorials_are_compared_pairwise(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    checkpoints = []
    for path, label in zip(notebooks.later_tutorials(), ("2", "3, seed 3"), strict=True):
        (tmp_path / label).mkdir()
        checkpoints.append(f"{label}={saved(notebooks.definitions(path), tmp_path / label)}")
    out = tmp_path / "lines.jsonl"
    arguments = ["--sentences", "5", "--draws", "20", "--out", str(out)]
    assert paired.main([*checkpoints, *arguments], notebooks.ROOT) == 0
    (comparison,) = json.loads(out.read_text(encoding="utf-8"))["comparisons"]
    for score, p in (("bleu", "p"), ("chrf", "p_chrf")):
        assert list(comparison[score]) == ["tutorial 2", "tutorial 3, seed 3"] and 0 < comparison[p] <= 1
    assert "| tutorial 2 and tutorial 3, seed 3 |" in capfd.readouterr().out
    for wrong, message in (
        (["best.pt"], "like 2=best.pt"),
        (["1=best.pt"], "at least two"),
        (["1=best.pt", "1=other.pt"], "'1, seed 2=best.pt'"),
    ):
        assert paired.main([*wrong, *arguments], notebooks.ROOT) == 2
        assert message in capfd.readouterr().err
    assert len(out.read_text(encoding="utf-8").splitlines()) == 1


def test_lines_of_the_embedded_corpus_are_not_kept_with_the_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trying a command on the embedded corpus leaves no new file among those that are committed."""
    kept = []
    monkeypatch.setattr(measure, "append_line", lambda path, line: kept.append(path))
    path = saved(notebooks.definitions(notebooks.later_tutorials()[0]), tmp_path)
    arguments = ["search", path, "--tutorial", "2", "--sentences", "2", "--beams", "1"]
    assert measure.main(arguments, notebooks.ROOT) == 0
    assert measure.main([*arguments, "--dataset", str(notebooks.ROOT / "assets" / "captions")], notebooks.ROOT) == 0
    folder = notebooks.ROOT / benchmark.QUICK_RESULTS
    assert kept == [folder / "captions-search.jsonl"] * 2


def test_a_paired_bootstrap_sees_what_is_no_luck() -> None:
    references = [f"the {word} is on the table by the door" for word in ("cup", "dog", "hat", "key", "pen", "map") * 5]
    worse = [text.replace("table", "chair") for text in references]
    even = [worse[row] if row % 2 else text for row, text in enumerate(references)]
    odd = [text if row % 2 else worse[row] for row, text in enumerate(references)]
    luck, no_luck = paired.compare({"even": even, "odd": odd, "right": references}, references, draws=200)
    for score, p in (("bleu", "p"), ("chrf", "p_chrf")):
        assert luck[p] > 0.1 and no_luck[p] < 0.05
        assert no_luck[score] == {"odd": luck[score]["odd"], "right": 100.0}
    low, high = luck["difference"]
    assert low < 0 < high and no_luck["ci"]["right"] == 0 < no_luck["ci"]["odd"]
    low, high = no_luck["difference"]
    assert 0 < low < 100 - luck["bleu"]["odd"] < high
    assert paired.difference(odd, odd, references, 20) == [0, 0]


def test_the_interval_rests_on_sacrebleus_own_score() -> None:
    references = ["A dog runs in the snow .", "two men are sitting at the table today", "a red house"]
    system = ["a dog is running in the snow.", "Two men are sitting at the table", "a house"]
    counts = paired.sentence_counts(system, references)
    expected = paired.BLEU(lowercase=True).corpus_score(system, [references]).score
    assert counts.shape == (3, 10) and expected > 10
    assert paired.bleu_of(counts.sum(axis=0)) == pytest.approx(expected)
