"""Let tests read the notebooks: their cells, their results and the code they define."""

from __future__ import annotations

import ast
import functools
import json
import linecache
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

import common

ROOT = common.ROOT
# The folder whose notebooks are tested: the repository itself, or `legacy` for the versions on torchtext.
FOLDER = ROOT / os.environ.get("SEQ2SEQ_TUTORIALS", "")
DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def tutorials() -> list[Path]:
    """The tutorials in their order; empty when there are none."""
    return common.tutorials(FOLDER)


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


def parse(source: str) -> ast.Module:
    """The syntax tree of a cell, with IPython's `%` and `!` lines turned into Python."""
    return ast.parse(TransformerManager().transform_cell(source))


@functools.cache
def definitions(path: Path) -> ModuleType:
    """A module of a notebook's imports, functions and classes; nothing else in it is run.

    Tracebacks name the notebook's cell and show its lines.
    """
    module = ModuleType(f"tutorial_{path.name[0]}")
    sys.modules[module.__name__] = module  # dataclasses and pickle look their module up
    for index, cell in enumerate(load(path)["cells"]):
        if cell["cell_type"] == "code":
            tree = parse(cell["source"])
            tree.body = [node for node in tree.body if isinstance(node, DEFINITIONS)]
            name = f"<{path.name}, cell {index}>"
            lines = cell["source"].splitlines(keepends=True)
            linecache.cache[name] = (len(cell["source"]), None, lines, name)
            exec(compile(tree, name, "exec"), module.__dict__)
    return module
