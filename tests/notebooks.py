"""Let tests read the notebooks: their cells, their results and the code they define."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import common
from definitions import definitions, parse  # noqa: F401  (tests take them from here)

ROOT = common.ROOT


def tutorials() -> list[Path]:
    """The tutorials in their order."""
    return common.tutorials(ROOT)


def later_tutorials() -> list[Path]:
    """Tutorials 2 and 3, which share cells and an API that tutorial 1 has no more."""
    return tutorials()[1:]


def load(path: Path) -> dict[str, Any]:
    """A notebook's JSON, with every source and every stream as one string."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        for output in cell.get("outputs", []):
            if "text" in output:
                output["text"] = "".join(output["text"])
    return notebook


def cells_with_tag(notebook: dict[str, Any], tag: str) -> list[dict[str, Any]]:
    """The cells of a loaded notebook that carry `tag`."""
    return [cell for cell in notebook["cells"] if common.has_tag(cell, tag)]


def results(path: Path) -> dict[str, Any]:
    """The dict to which the cell tagged `results` evaluated when the notebook was stored."""
    return common.results(load(path), path.name)


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """The code cells of a loaded notebook, without empty ones."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and cell["source"].strip()]
