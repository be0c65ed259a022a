"""The experiments fit the notebooks, runs are kept, tables are those of the lines."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from sacrebleu.metrics import BLEU

import benchmark
import tables
from benchmark import EXPERIMENTS, Experiment, edited

pytestmark = pytest.mark.xdist_group("benchmarks")  # one process for its fixture
CELLS = {path.stem: path.read_text("utf-8") for path in benchmark.CELLS.glob("*.py")}


def code_of(tutorial: int, edits: tuple = ()) -> list:
    """The cells that a run of a tutorial executes."""
    notebook = nbformat.read(benchmark.TUTORIALS[tutorial], as_version=4)
    return edited(notebook.cells, edits)


@pytest.mark.parametrize("tutorial", [1, 2, 3, 4, 5, 6])
def test_every_experiment_fits(tutorial: int) -> None:
    """Settings exist, old text is there, and what comes out is Python."""
    plain = [cell.source for cell in code_of(tutorial)]
    assert "on_tokens = " in "".join(plain) and "results = {" in plain[-1]
    with pytest.raises(ValueError, match="No cell has the code 'no such code'"):
        code_of(tutorial, (("no such code", "x"),))
    for experiment in EXPERIMENTS:
        if tutorial in experiment.tutorials:
            code = [cell.source for cell in code_of(tutorial, experiment.edits)]
            changed = [new for new, old in zip(code, plain, strict=True) if new != old]
            assert bool(changed) == bool(experiment.edits), experiment.name
            for source in changed:
                ast.parse(source)
            for name in experiment.settings:
                assert re.search(rf"^    {name}: ", "\n".join(plain), re.M), name


def test_runs_have_names_and_cells_of_their_own() -> None:
    runs = list(benchmark.plan("multi30k", quick=False))
    assert len({benchmark.label(run) for run in runs}) == len(runs) > 30
    assert {run["cell"] for run in runs} == {"", *(f"{name}.py" for name in CELLS)}


def test_a_name_that_no_run_has_is_an_error(capsys: pytest.CaptureFixture) -> None:
    assert benchmark.main(["--only", "tutorial 9"]) == 1
    assert "'tutorial 9'" in capsys.readouterr().err


def test_a_quick_try_keeps_what_an_experiment_sets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = Experiment("batches of 32", (1,), {"batch_size": 32})
    monkeypatch.setattr(benchmark, "EXPERIMENTS", [small])
    (run,) = benchmark.plan("captions", quick=True)
    settings = run["settings"]
    assert (settings["batch_size"], settings["n_epochs"]) == (32, 1)


@pytest.mark.parametrize("tutorial", [1, 2, 3])
def test_cells_know_all_names(tutorial: int) -> None:
    """What a cell reads is set by it or by the cells that run before it."""
    code = "\n".join(cell.source for cell in code_of(tutorial))
    given = 'builtins = ["Ensemble", "load_translator", "replace", "repository"]'
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F821", "-q"]
    ruff += ["--config", given, "-"]
    for source in CELLS.values():
        both = f"{code}\n{source}".encode()
        assert subprocess.run(ruff, input=both).returncode == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the fixture lines runs."""
    return tmp_path_factory.mktemp("benchmark")


@pytest.fixture(scope="module")
def lines(folder: Path) -> list[dict]:
    """The lines of three runs of tutorial 3 on a tiny corpus."""
    corpus, cells = folder / "corpus", folder / "cells"
    corpus.mkdir()
    cells.mkdir()
    for split, n in (("train", 120), ("validation", 20), ("test", 20)):
        rows = (benchmark.CORPUS / f"{split}.jsonl").read_text("utf-8").splitlines()
        (corpus / f"{split}.jsonl").write_text("\n".join(rows[:n]), "utf-8")
    each = [f"{code}\nof_all[{name!r}] = measured" for name, code in CELLS.items()]
    each = ["of_all = {}", *each, "measured = of_all"]
    (cells / "all.py").write_text("\n".join(each), "utf-8")
    experiments = [
        Experiment("seeds", (3,)),
        Experiment("teacher forcing 0.5", (3,), edits=benchmark.FORCING),
        Experiment("all cells", (3,), cell="all.py"),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benchmark, "EXPERIMENTS", experiments)
        patch.setattr(benchmark, "CORPUS", corpus)
        patch.setattr(benchmark, "CELLS", cells)
        patch.setattr(benchmark, "BUILD", folder)
        patch.setitem(benchmark.QUICK, "hidden_dim", 8)
        assert benchmark.main(["--only", "tutorial"]) == 0
        kept = tables.read(folder / "corpus.jsonl")
        patch.setattr(benchmark, "execute", None)  # a run would fail now
        assert benchmark.main(["--only", "tutorial"]) == 0
        assert tables.read(folder / "corpus.jsonl") == kept
        assert benchmark.main(["--only", "tutorial", "--again"]) == 3
        assert benchmark.main(["--dataset", "no such folder"]) == 1  # and runs nothing
    return kept


def test_runs_write_their_lines(lines: list[dict]) -> None:
    assert lines[1]["edits"] == [list(edit) for edit in benchmark.FORCING]
    assert lines[0]["settings"]["n_epochs"] == lines[0]["results"]["epochs"] == 1
    assert len(lines[0]["results"]["bleu_by_length"]) == 7
    first, forced, again = (line["results"]["test_perplexity"] for line in lines)
    assert first == again != forced  # the third takes up the training of the first


def test_runs_leave_translations_for_sacrebleu(lines: list[dict], folder: Path) -> None:
    for name in ("seeds", "teacher forcing 0.5"):
        (path,) = (folder / "corpus").glob(f"*/{name}.txt")
        translations = path.read_text("utf-8").splitlines()
        references = path.with_name("references.txt").read_text("utf-8").splitlines()
        score = BLEU(lowercase=True).corpus_score(translations, [references]).score
        found = {line["experiment"]: line["results"]["bleu_beam"] for line in lines}
        assert round(score, 2) == found[name]


def test_cells_measure(lines: list[dict]) -> None:
    found = lines[2]["measured"]
    assert list(found["search"]) == ["1", "2", "5", "10"]
    assert len(found["ensemble"]["alone"]) == 1
    assert "loop over words, keys anew" in found["speed"]["training"]
    for what in ("training", "greedy search", "beam of 5"):
        assert all(len(rates) == 3 for rates in found["speed"][what].values())


def made_up(experiment: str, seed: int, bleu: float, epochs: int = 8, **rest) -> dict:
    """A line of tutorial 2."""
    results = {"bleu_beam": bleu, "bleu_greedy": 1, "chrf": 2, "test_perplexity": 5}
    results |= {"device": "GPU", "training_seconds": 90, "epochs": epochs}
    line = {"tutorial": 2, "experiment": experiment, "seed": seed, "results": results}
    return line | rest


def test_tables_of_made_up_lines() -> None:
    lines = [made_up("seeds", seed, 30 + seed, 18) for seed in (1, 2)]
    lines += [made_up("8 epochs", 1, 29), made_up("small", 1, 28.5)]
    lines += [made_up("large", 1, 20), made_up("long", 1, 35, 18)]
    ladder = {"slow": [10, 11, 12], "faster": [22, 22, 22], "fast": [44, 33, 44]}
    speed = {"training": ladder, "greedy search": {}, "beam of 5": {}}
    lines.append(made_up("speed", 1, 31, 18, cell="speed.py", measured=speed))
    assert "| 2 | 2 | 5.00 (5.00 to 5.00) |" in tables.headline(lines)
    assert "31.5 (31.0 to 32.0)" in tables.headline(lines)
    rows = tables.changes(lines).splitlines()[2:]
    assert [row.split("|")[2].strip() for row in rows] == [
        "5.00 / 29.0",
        "5.00 / 20.0 / -9.0",
        "5.00 / 35.0 / +4.0",
        "5.00 / 28.5 / none",
        "1.0",
    ]
    rates = [row.split("|")[3].strip() for row in tables.speed(lines).splitlines()[2:]]
    assert rates == ["11", "22 (×2.0)", "44 (×2.0, in all ×4.0)"]
    elsewhere = [*lines, made_up("seeds", 2, 33, 18)]  # on another machine
    assert "| 2 | 3 |" in tables.headline(elsewhere)
    assert "32.0 (31.0 to 33.0)" in tables.headline(elsewhere)
    assert tables.headline([]) == tables.changes([]) == tables.search([]) == ""


def test_the_readme_has_the_tables_of_the_lines() -> None:
    text = tables.README.read_text("utf-8")
    assert (
        tables.with_tables(text, tables.read(tables.RESULTS / "multi30k.jsonl")) == text
    )
    assert tables.with_tables(text, []).count("-->\nnot measured yet\n<!--") == 5
