"""The benchmark program: its plan on the real tutorials, and whole runs on a tiny notebook that trains nothing."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
import torch

import benchmark
import common
import plots
import tables
from notebooks import ROOT, definitions, later_tutorials, results
from test_definitions import make_examples, make_translator

NAME = "1 - Made Up.ipynb"
PARAMETERS = [f"{name} = {value!r}" for name, value in {**benchmark.QUICK, "seed": 1, "n_epochs": 9}.items()]
RESULTS = """\
scale = 1.0  # the edited line
numbers = {"test_perplexity": 2.0 * scale, "bleu_greedy": 30.0, "bleu_beam": 31.0 + seed, "chrf": 50.0,
    "epochs": n_epochs, "seconds_per_epoch": 3, "train_tokens_per_second": 4000}
results = {**numbers, "dataset": dataset, "device": "cpu", "seed": seed, "notebook_seconds": 1.0}
results"""
EDIT = (("scale = 1.0", "scale = 5.0"),)
EXPERIMENTS = [
    benchmark.Experiment("as it is", 1, seeds=(1, 2)),
    benchmark.Experiment("shorter, edited", 1, {"n_epochs": 4}, EDIT),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one tutorial and a folder of data."""
    new = nbformat.v4
    cells = [
        new.new_code_cell(
            "\n".join(['dataset = "x"', 'checkpoint_folder = "y"', *PARAMETERS]), metadata={"tags": ["parameters"]}
        ),
        new.new_code_cell(RESULTS, metadata={"tags": ["results"]}),
    ]
    (tmp_path / NAME).write_text(new.writes(new.new_notebook(cells=cells)), encoding="utf-8")
    (tmp_path / "multi30k").mkdir()
    monkeypatch.setattr(benchmark, "EXPERIMENTS", EXPERIMENTS)
    monkeypatch.setattr(benchmark, "device_name", lambda: "cpu")
    return tmp_path


def lines(folder: Path) -> list[dict[str, Any]]:
    """What the benchmark has kept about the folder of data."""
    return tables.read_lines(folder / "benchmarks" / "results" / "multi30k.jsonl")


def test_every_experiment_fits_the_tutorials() -> None:
    """Each parameter that is changed exists, and each line that is edited stands there exactly once."""
    planned = benchmark.plan(benchmark.EXPERIMENTS, [], "multi30k", False, None, ROOT)
    assert len({one.label for one in planned}) == len(planned) > 30 and all(one.todo for one in planned)
    assert {one.experiment.tutorial for one in planned} == {1, 2, 3}
    readme = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert f"{len(planned)} whole trainings" in readme
    for experiment in benchmark.EXPERIMENTS:
        (path,) = common.tutorials(ROOT, experiment.tutorial)
        notebook = common.read_notebook(path)
        before = [cell.source for cell in notebook.cells]
        benchmark.edited(notebook, experiment.edits)
        changed = [a != b.source for a, b in zip(before, notebook.cells, strict=True)]
        assert sum(changed) <= len(experiment.edits) and any(changed) == bool(experiment.edits)
        code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        assert all(sum(new in source for source in code) == 1 for _, new in experiment.edits)


def test_without_the_mask_padding_is_looked_at() -> None:
    """The edit comes after the notebook's own checks of the mask, and changes the model that is trained."""
    defs = definitions(common.tutorials(ROOT, 3)[0])
    translator = make_translator(defs)
    batch = defs.collate(make_examples(defs, translator), 0)
    arguments = (batch.src, batch.src_lengths, batch.trg)
    padding = (batch.src == 0).unsqueeze(1)
    assert translator.model.attention_weights(*arguments).masked_select(padding).eq(0).all()
    exec(benchmark.LOOK_EVERYWHERE, {"model": translator.model, "torch": torch})
    weights = translator.model.attention_weights(*arguments)
    assert weights.masked_select(padding).gt(0).all()
    torch.testing.assert_close(weights.sum(dim=2), torch.ones(weights.shape[:2]))


def test_the_quick_form_is_a_small_part() -> None:
    planned = benchmark.plan(benchmark.EXPERIMENTS, [], "captions", True, None, ROOT)
    assert {one.experiment.name for one in planned} == benchmark.QUICK_NAMES and len(planned) == 6
    assert all(one.parameters["n_epochs"] == benchmark.QUICK["n_epochs"] for one in planned)


def test_code_that_has_changed_is_named() -> None:
    notebook = common.read_notebook(common.tutorials(ROOT, 1)[0])
    for edit in (("no such code", "x"), ("import", "x")):
        with pytest.raises(common.ToolError, match="exactly once"):
            benchmark.edited(notebook, [edit])


def test_a_parameter_that_is_gone_is_named() -> None:
    with pytest.raises(common.ToolError, match="no parameter wings"):
        benchmark.plan([benchmark.Experiment("x", 1, {"wings": 2})], [], "multi30k", False, None, ROOT)


def test_runs_are_kept_and_not_repeated(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = str(folder / "multi30k")
    assert benchmark.main(["--dataset", data, "--only", "seed 2"], folder) == 0
    assert [(line["experiment"], line["seed"]) for line in lines(folder)] == [("as it is", 2)]
    capfd.readouterr()
    assert benchmark.main(["--dataset", data, "--list"], folder) == 0
    listed = capfd.readouterr().out.splitlines()
    assert [line.endswith("(done)") for line in listed] == [False, True, False]
    assert benchmark.main(["--dataset", data], folder) == 0
    out = capfd.readouterr().out
    assert [(line["experiment"], line["seed"]) for line in lines(folder)] == [
        ("as it is", 2),
        ("as it is", 1),
        ("shorter, edited", 1),
    ]
    assert lines(folder)[0]["parameters"]["n_epochs"] == 9 and lines(folder)[2]["parameters"]["n_epochs"] == 4
    assert lines(folder)[2]["results"]["test_perplexity"] == 10.0  # the edit has worked
    assert lines(folder)[2]["edits"] == [list(edit) for edit in EDIT]
    assert "| 1 | as it is | cpu, float32 | 1, 2 | 2.00 ± 0.00 | 30.0 ± 0.0 | 32.5 ± 0.7 |" in out
    assert {"torch", "processor"} <= set(lines(folder)[0]["versions"])


def test_a_display_that_is_gone_loses_no_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        """A closed terminal."""

        def write(self, text: str) -> int:
            raise OSError("Broken pipe")

    monkeypatch.setattr(sys, "stdout", Gone())
    benchmark.main(["--dataset", str(folder / "multi30k"), "--only", "as it is"], folder)
    assert [line["seed"] for line in lines(folder)] == [1, 2]


def test_a_run_on_another_device_is_to_do(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["--dataset", str(folder / "multi30k"), "--only", "seed 2"]
    assert benchmark.main(arguments, folder) == 0
    monkeypatch.setattr(benchmark, "device_name", lambda: "gpu")
    capfd.readouterr()
    assert benchmark.main([*arguments, "--list"], folder) == 0
    assert capfd.readouterr().out == "tutorial 1, as it is, seed 2\n"


def test_the_runs_stored_in_the_notebooks_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "device_name", lambda: results(later_tutorials()[0])["device"])
    done = benchmark.done_before(ROOT / "none.jsonl", ROOT)
    planned = benchmark.plan(benchmark.EXPERIMENTS, done, "multi30k", False, "as it is, seed 1", ROOT)
    assert [one.todo for one in planned if one.experiment.tutorial > 1] == [False] * 2


def test_a_label_that_is_nobodys_is_an_error(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert benchmark.main(["--dataset", str(folder / "multi30k"), "--only", "nomask"], folder) == 2
    assert capfd.readouterr().err == "No experiment has 'nomask' in its label; --list shows all labels.\n"


def test_a_run_with_other_parameters_is_to_do(folder: Path) -> None:
    done = {"tutorial": 1, "experiment": "as it is", "dataset": "multi30k", "seed": 1}
    planned = benchmark.plan(EXPERIMENTS[:1], [], "multi30k", False, None, folder)
    line = {**done, "parameters": json.loads(json.dumps(planned[0].parameters))}
    again = benchmark.plan(EXPERIMENTS[:1], [line], "multi30k", False, None, folder)
    assert [one.todo for one in again] == [False, True]
    line["parameters"]["n_epochs"] = 8
    assert all(one.todo for one in benchmark.plan(EXPERIMENTS[:1], [line], "multi30k", False, None, folder))


def test_a_failure_names_the_run_and_keeps_the_lines(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = folder / NAME
    text = path.read_text(encoding="utf-8").replace("scale = 1.0", "scale = 1.0 / (2 - seed)")
    path.write_text(text, encoding="utf-8")
    assert benchmark.main(["--dataset", str(folder / "multi30k"), "--only", "as it is"], folder) == 1
    assert "tutorial 1, as it is, seed 2 stopped: ZeroDivisionError" in capfd.readouterr().err
    assert [line["seed"] for line in lines(folder)] == [1]


def test_a_line_is_added_below_one_without_its_end(tmp_path: Path) -> None:
    """Some editors drop the last line's end; the next run must not be glued to it."""
    path = tmp_path / "new" / "multi30k.jsonl"
    benchmark.append_line(path, {"a": 1})
    path.write_text(path.read_text().rstrip())
    benchmark.append_line(path, {"b": "ä"})
    benchmark.append_line(path, {"c": 3})
    assert path.read_text(encoding="utf-8") == '{"a": 1}\n{"b": "ä"}\n{"c": 3}\n'


def test_a_spoilt_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "multi30k.jsonl"
    path.write_text('{"seed": 1}\n{"seed"\n')
    with pytest.raises(common.ToolError, match=r"multi30k\.jsonl, line 2"):
        tables.read_lines(path)


def test_the_tables_are_those_of_the_finished_runs() -> None:
    old, new = benchmark.tables(ROOT)
    assert old == new
    assert old.count("| as it is |") >= 3


def test_the_plots_show_the_finished_runs() -> None:
    """Bytes differ between versions of matplotlib; the fingerprint of what was drawn doesn't."""
    folder = ROOT / "benchmarks" / "figures"
    found = {name: plots.fingerprint(data) for name, (_, data) in benchmark.plots(ROOT).items() if data}
    assert {path.name: plots.stored_fingerprint(path) for path in folder.glob("*.png")} == found
    readme = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert "seeds.png" in found and all(f"](figures/{name})" in readme for name in found)


def made_up(
    experiment: str, tutorial: int, seed: int, bleu: float, epochs: int = 8, device: str = "CPU"
) -> dict[str, Any]:
    """A line with the results that plots show."""
    found = {"bleu_beam": bleu, "chrf": 2 * bleu, "test_perplexity": 5.0, "epochs": epochs}
    found |= {"device": device, "precision": "float32"}
    return {"experiment": experiment, "tutorial": tutorial, "seed": seed, "results": found}


def test_plots_are_of_the_lines(tmp_path: Path) -> None:
    runs = [made_up("as it is", 1, 1, 30.0), made_up("as it is", 1, 2, 31.0), made_up("as it is", 3, 1, 40.0)]
    runs += [made_up("short", 1, 1, 20.0), made_up("as it is", 1, 1, 32.0)]
    points = plots.seed_points(runs, "as it is")
    assert points["bleu_beam"] == [(1, 32.0), (1, 31.0), (3, 40.0)] and points["chrf"][2] == (3, 80.0)
    drawn = plots.draw_seeds(points)
    assert [line.get_ydata().tolist() for line in drawn.axes[0].lines[1::2]] == [[32.0, 31.0], [40.0]]
    assert [text.get_text() for text in drawn.axes[0].texts] == ["31.5", "40.0"]
    path = tmp_path / "new" / "seeds.png"
    plots.save(drawn, points, path)
    assert plots.stored_fingerprint(path) == plots.fingerprint(points)
    points["chrf"][2] = (3, 80.1)
    assert plots.stored_fingerprint(path) != plots.fingerprint(points)
    assert plots.stored_fingerprint(tmp_path / "none.png") is None


def test_plots_do_not_mix_devices() -> None:
    runs = [made_up("short", 1, 1, 20.0), made_up("no mask", 1, 1, 19.0), made_up("as it is", 1, 1, 30.0, 12)]
    other = [made_up("short", 1, 1, 25.0, device="GPU"), made_up("as it is", 1, 1, 35.0, 12, "GPU")]
    assert plots.changes(runs + other, "short") == [("no mask", 1, -1.0)]
    assert plots.seed_points(runs + other, "as it is")["bleu_beam"] == [(1, 30.0)]


def test_a_plot_that_was_cut_is_drawn_again(tmp_path: Path) -> None:
    path = tmp_path / "changes.png"
    plots.save(plots.draw_changes([("no mask", 1, -1.0)]), [], path)
    assert [file.name for file in tmp_path.iterdir()] == ["changes.png"]
    for length in (0, 10, 35):
        path.write_bytes(path.read_bytes()[:length])
        assert plots.stored_fingerprint(path) is None


def test_changes_compare_with_the_run_that_is_as_short(tmp_path: Path) -> None:
    runs = [made_up("short", 2, 1, 25.0), made_up("no mask", 2, 1, 20.0), made_up("longer", 2, 1, 30.0, epochs=20)]
    runs += [
        made_up("smoother", 2, 1, 26.25),
        made_up("no mask", 2, 1, 23.5),
        made_up("no mask", 3, 1, 30.0),
        made_up("padded", 2, 1, 24.98),
    ]  # tutorial 3 has no short run
    found = plots.changes(runs, "short")
    assert found == [("no mask", 2, -1.5), ("padded", 2, -0.02), ("smoother", 2, 1.25)]
    figure = plots.draw_changes(found)
    plots.save(figure, found, tmp_path / "changes.png")
    (axis,) = figure.axes
    assert [bar.get_width() for bar in axis.patches] == [-1.5, -0.02, 1.25]
    assert [label.get_text() for label in axis.get_yticklabels()] == [
        f"{name} (tutorial 2)" for name in ("no mask", "padded", "smoother")
    ]
    assert [text.get_text() for text in axis.texts] == ["-1.5", "0.0", "+1.2"]


def test_table_of_probes_has_a_cell_for_each_epoch() -> None:
    def probe(name: str, *scores: tuple[float, float]) -> dict[str, Any]:
        epochs = [{"epoch": n, "perplexity": p, "bleu_greedy": b} for n, (p, b) in enumerate(scores, start=1)]
        return {"tutorial": 3, "changed": name, "settings": {"batch_size": 64, "schedule_epochs": 9}, "epochs": epochs}

    table = tables.probe_table([probe("one", (20.5, 10.25), (9.0, 20.0)), probe("other", (30.0, 5.0))])
    assert [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()] == [
        ["Tutorial", "Changed", "Batch size", "Schedule", "Epoch 1", "Epoch 2"],
        ["--:", "---", "--:", "--:", "--:", "--:"],
        ["3", "one", "64", "9 epochs", "20.50 / 10.25", "9.00 / 20.00"],
        ["3", "other", "64", "9 epochs", "30.00 / 5.00", ""],
    ]
    assert tables.probe_table([]) == ""
