"""Import what a notebook defines, without running it."""

from __future__ import annotations

import ast
import functools
import json
import linecache
import sys
from pathlib import Path
from types import ModuleType

DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


def parse(source: str) -> ast.Module:
    """The syntax tree of a cell; IPython's `%` and `!` lines become Python."""
    from IPython.core.inputtransformer2 import TransformerManager

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
