"""Each tutorial, copied alone into an empty folder, runs from top to bottom and learns.

The solutions in tutorials 2 and 3 run after it.
"""

from __future__ import annotations

import ast
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell

import common
import notebooks
import run
from progress import Progress

# Fewer epochs than `make run`: enough to tell a model that learns from one that does not.
QUICK = run.SMALL | {"n_epochs": 6}
# An untrained model, one that ignores the source, or one whose padding leaks into the state stays below this.
LEARNT = 10.0


# In a solution, a block of code that prints or defines something is whole; others are parts of a class.
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
SOLUTION = re.compile(r"<summary>Solution.*?</details>", re.DOTALL)


def solutions(notebook: Any) -> list[str]:
    """The code of the exercises' solutions that can run after the notebook."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    blocks = [block for solution in SOLUTION.findall(text) for block in BLOCK.findall(solution)]
    return [block for block in blocks if "print(" in block or block.startswith(("class ", "def "))]


@pytest.fixture(scope="module", params=notebooks.tutorials(), ids=lambda path: f"tutorial-{path.name[0]}")
def executed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """The tutorial, executed in a folder that holds nothing else but the embedded corpus."""
    folder = tmp_path_factory.mktemp("alone")
    shutil.copytree(common.ROOT / common.CORPUS, folder / "corpus", ignore=shutil.ignore_patterns("*.py", "*.md"))
    shutil.copy(request.param, folder)
    content = common.read_notebook(folder / request.param.name)
    content.cells += [new_code_cell(block, metadata={"tags": ["solution"]}) for block in solutions(content)]
    settings = {**QUICK, "dataset": "corpus"}
    parametrised = run.parametrised(content, settings, request.param.name)
    common.execute(parametrised, folder, Progress("test", io.StringIO()), dict.fromkeys(run.OFFLINE, "1"))
    common.normalise(parametrised)
    return parametrised, folder


def test_it_learns(executed) -> None:
    results = common.results(executed[0], "the executed tutorial")
    assert results["dataset"] == "corpus"
    assert results["bleu_greedy"] > LEARNT and results["bleu_beam"] > LEARNT
    assert 1 < results["test_perplexity"] < 10


def test_it_prints_nothing_that_worries_a_reader(executed) -> None:
    outputs = [output for cell in executed[0].cells if cell.cell_type == "code" for output in cell.outputs]
    assert {output.output_type for output in outputs} <= {"stream", "display_data", "execute_result"}
    assert [output.text for output in outputs if output.output_type == "stream" and output.name != "stdout"] == []
    assert str(executed[1]) not in str(outputs)
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 3


def test_solutions_run_and_show_something(executed) -> None:
    """A solution that fails has stopped the notebook before."""
    cells = [cell for cell in executed[0].cells if common.has_tag(cell, "solution")]
    assert all(bool(cell.outputs) == ("print(" in cell.source) for cell in cells)


def test_it_leaves_a_translator_for_other_processes(executed) -> None:
    """What the notebook left on the disk translates without the notebook."""
    (checkpoint,) = Path(executed[1]).glob("checkpoints/*/best.pt")
    assert not checkpoint.with_name("last.pt").exists()
    program = "from translator import *; print(translate(load_translator('best.pt'), ['Ein Hund schläft.', '']))"
    fresh = subprocess.run([sys.executable, "-c", program], cwd=checkpoint.parent, capture_output=True, text=True)
    assert fresh.returncode == 0, fresh.stderr
    translation, empty = ast.literal_eval(fresh.stdout)
    assert translation.strip() and empty == ""
