"""Let tests read the notebooks: their cells, results, and what their code defines."""

from __future__ import annotations

import ast
import functools
import json
import linecache
import sys
from pathlib import Path
from types import ModuleType

from IPython.core.inputtransformer2 import TransformerManager

import run
from run import ROOT

DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


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


def parse(source: str) -> ast.Module:
    """The syntax tree of a cell; IPython's `%` and `!` lines become Python."""
    return ast.parse(TransformerManager().transform_cell(source))


@functools.cache
def definitions(path: Path) -> ModuleType:
    """A module of a notebook's imports, functions and classes; nothing else is run.

    Tracebacks name the notebook's cell and show its lines.
    """
    module = ModuleType(f"tutorial_{path.name[0]}")
    sys.modules[module.__name__] = module  # dataclasses and pickle look their module up
    for index, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            tree = parse(source)
            tree.body = [node for node in tree.body if isinstance(node, DEFINITIONS)]
            name = f"<{path.name}, cell {index}>"
            lines = source.splitlines(keepends=True)
            linecache.cache[name] = (len(source), None, lines, name)
            exec(compile(tree, name, "exec"), module.__dict__)
    return module
