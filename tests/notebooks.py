"""Let tests read the notebooks: their cells, their results and the code they define."""

from __future__ import annotations

import json
from pathlib import Path

import run
from definitions import definitions, parse  # noqa: F401  (tests take them from here)
from run import ROOT


def tutorials() -> list[Path]:
    """The tutorials in their order."""
    return run.tutorials(ROOT)


def tutorial(number: int) -> Path:
    """A tutorial by its number."""
    return run.tutorials(ROOT, str(number))[0]


def load(path: Path) -> dict:
    """A notebook's JSON, with every source and every stream as one string."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        for output in cell.get("outputs", []):
            if "text" in output:
                output["text"] = "".join(output["text"])
    return notebook


def code_cells(notebook: dict) -> list[dict]:
    """The code cells of a loaded notebook, without empty ones."""
    cells = notebook["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code" and cell["source"]]


def results(path: Path) -> dict:
    """The dict to which the cell tagged results evaluated in the stored run."""
    return run.results(load(path), path.name)
