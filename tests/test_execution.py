"""Each tutorial, copied alone into an empty folder, runs from top to bottom, learns."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import notebooks
import run

# Smaller than in `make run`: enough to tell a model that learns from one that does not.
# Untrained, without a view of the source, or with a mask that leaks, a model has less
# BLEU than this.
QUICK = {"embedding_dim": 64, "hidden_dim": 128}
N_EPOCHS = {1: 3, 2: 2, 3: 2, 4: 2, 5: 2, 6: 3}
LEARNT = 10.0
BY_HAND = {"n_epochs": 2, "max_pairs": 200}  # number 7, of which this shows little


def alone(path: Path):
    """A parameter whose tests run in one process, for pytest-xdist."""
    return pytest.param(path, id=path.stem, marks=pytest.mark.xdist_group(path.stem))


@pytest.fixture(scope="module", params=map(alone, notebooks.tutorials()))
def executed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """The tutorial, executed in a folder that holds the small corpus and no more.

    Of validation and test, it has the first 100 pairs.
    """
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    folder /= f"alone-{request.param.name[0]}"
    folder.mkdir()  # fails where another process executes it already
    (folder / "corpus").mkdir()
    for path in (notebooks.ROOT / run.CORPUS).glob("*.jsonl"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = "".join(lines if path.stem == "train" else lines[:100])
        (folder / "corpus" / path.name).write_text(kept, encoding="utf-8")
    shutil.copy(request.param, folder)
    notebook = run.read(request.param)
    number = int(request.param.name[0])
    quick = {name: QUICK.get(name, value) for name, value in run.SMALL[number].items()}
    quick["n_epochs"] = N_EPOCHS.get(number, 3)
    run.add_settings(notebook, "corpus", BY_HAND if number == 7 else quick)
    run.execute(notebook, folder, os.environ | run.KERNEL)
    return notebook, folder


def test_it_learns(executed) -> None:
    results = run.results(executed[0], "the executed tutorial")
    by_hand = results["tutorial"] == 7
    assert results["dataset"] == "corpus"
    assert 1 < results["test_perplexity"] < (200 if by_hand else 10)
    if not by_hand:
        assert results["bleu_greedy"] > LEARNT and results["bleu_beam"] > LEARNT


def test_it_shows_nothing_that_worries_a_reader(executed) -> None:
    cells = [cell for cell in executed[0].cells if cell.cell_type == "code"]
    outputs = [output for cell in cells for output in cell.outputs]
    assert [one.text for one in outputs if one.get("name") == "stderr"] == []
    assert "error" not in {output.output_type for output in outputs}
    assert str(executed[1]) not in str(outputs)
    (tutorial,) = executed[1].glob("*.ipynb")
    n_plots = sum("image/png" in output.get("data", {}) for output in outputs)
    assert n_plots >= 3 or tutorial.name[0] == "7"  # which prints, and draws nothing


def test_it_leaves_a_translator_for_other_processes(executed) -> None:
    (tutorial,) = executed[1].glob("*.ipynb")
    if tutorial.name[0] == "7":
        pytest.skip("it saves nothing")
    (best,) = executed[1].glob("checkpoints/*/best.pt")
    assert not best.with_name("last.pt").exists()
    lesson = notebooks.definitions(tutorial)
    translator = lesson.load_translator(best)
    translation, empty = lesson.translate(translator, ["Ein Hund schläft.", ""])
    assert translation.strip() and empty == ""
