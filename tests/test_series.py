"""What the tutorials share, and what they say about each other."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
import torch

import notebooks
from notebooks import ROOT, code_cells, load, results, tutorials

LABELS = ["1-7", "8-9", "10-11", "12-13", "14-16", "17-20", "21+"]


def sources(path: Path) -> dict[str, str]:
    """The text of each function and class of a notebook, decorators included."""
    found = {}
    for cell in code_cells(load(path)):
        lines = cell["source"].split("\n")
        for node in notebooks.parse(cell["source"]).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                starts = [node.lineno, *(one.lineno for one in node.decorator_list)]
                found[node.name] = "\n".join(lines[min(starts) - 1 : node.end_lineno])
    return found


def is_folded(cell: dict) -> bool:
    return cell["metadata"].get("cellView") == "form"


def literal(path: Path, name: str):
    """The value of the notebook's one assignment of a literal to this name."""
    nodes = [node for cell in code_cells(load(path)) for node in notebooks.parse(cell["source"]).body]
    (found,) = (n.value for n in nodes if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == name)
    return ast.literal_eval(found)


def by_length(path: Path) -> dict[str, float]:
    """BLEU by length of the source, from the stored plot's description."""
    outputs = [output for cell in code_cells(load(path)) for output in cell["outputs"]]
    texts = [output.get("metadata", {}).get("image/png", {}).get("alt", "") for output in outputs]
    (text,) = (one for one in texts if one.startswith("BLEU by the number of tokens"))
    return {label: float(score) for label, score in re.findall(r"(\d+(?:-\d+|\+)): ([\d.]+)", text)}


def test_blocks_are_tutorial_1s_to_the_letter(later_tutorial: Path) -> None:
    """A reader who skips a folded cell misses nothing that tutorial 1 does not show."""
    first, here = sources(tutorials()[0]), sources(later_tutorial)
    folded = [cell for cell in code_cells(load(later_tutorial)) if is_folded(cell)]
    names = {"train_epoch"}
    for cell in folded:
        body = notebooks.parse(cell["source"]).body
        assert all(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in body)
        names |= {node.name for node in body}
        assert re.match(r"# @title .* \(as in tutorial 1\)\n", cell["source"])
    assert {name: here[name] for name in names} == {name: first[name] for name in names}
    lines = sum(cell["source"].count("\n") + 1 for cell in folded)
    assert len(folded) <= 10 and lines <= 750
