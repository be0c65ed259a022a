"""The notebooks in legacy/ as files: made from the current ones, with clean outputs of the small corpus.

What they define and their whole runs are tested on their own stack, by `make test-legacy`.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import build
import cells
import common
import notebooks
import run
import test_hygiene as hygiene
from notebooks import code_cells, load

LEGACY = common.ROOT / "legacy"
PATHS = common.tutorials(LEGACY)
# Cells of the current tutorials that are not in the legacy ones as they are.
REPLACED = {
    "shared:install",
    "shared:versions",
    "parameters",
    "shared:tokenizer",
    "shared:vocabulary",
    "shared:numericalize",
    "shared:token_bleu",
    "shared:make_optimizer",
}


@pytest.fixture(params=PATHS, ids=lambda path: f"legacy-{path.name[0]}")
def legacy(request: pytest.FixtureRequest) -> Path:
    """Each legacy notebook's file in turn."""
    return request.param


def current(path: Path) -> Path:
    """The tutorial that a legacy notebook was made from."""
    return common.ROOT / path.name


def without_outputs(book: dict[str, Any]) -> dict[str, Any]:
    """A loaded notebook as it was before it was run."""
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    return book


def test_each_tutorial_has_one() -> None:
    assert [path.name for path in PATHS] == [path.name for path in common.tutorials(common.ROOT)]


def test_building_again_changes_nothing(legacy: Path, tmp_path: Path) -> None:
    made, left_out = build.build(current(legacy))
    assert left_out == []
    common.write_notebook(made, tmp_path / legacy.name)
    assert load(tmp_path / legacy.name) == without_outputs(load(legacy)), "run `make legacy`"


def test_only_what_is_meant_differs_from_the_current_code(legacy: Path) -> None:
    def trees(cells: list[dict[str, Any]]) -> list[str]:
        return [hygiene.ast.dump(notebooks.parse(cell["source"])) for cell in cells]

    there, here = code_cells(load(current(legacy))), code_cells(load(legacy))
    own = [cell for cell in here if common.has_tag(cell, "legacy") or common.has_tag(cell, "parameters")]
    taken = trees([cell for cell in here if cell not in own])
    replaced = [cell for cell, tree in zip(there, trees(there), strict=True) if tree not in taken]
    assert [tree for tree in trees(there) if tree in taken] == taken
    tags = {tag for cell in replaced for tag in cell["metadata"].get("tags", [])}
    untagged = [cell["source"] for cell in replaced if not cell["metadata"].get("tags")]
    assert tags == REPLACED and all(source.startswith("import ast\nimport hashlib") for source in untagged)


def test_shared_cells_are_the_current_ones_to_the_letter() -> None:
    books = {str(path.relative_to(common.ROOT)): load(path) for path in [*common.tutorials(common.ROOT), *PATHS]}
    assert list(hygiene.check_shared(books)) == []


def test_cells_of_the_stack_are_alike_in_all_three() -> None:
    for sources in zip(*([c["source"] for c in code_cells(load(path))[:1]] for path in PATHS), strict=True):
        assert set(sources) == {cells.CODE["shared:install"]}


@pytest.mark.parametrize("check", [*hygiene.CHECKS])
def test_notebook(legacy: Path, check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hygiene, "ROOT", LEGACY)  # links and images are relative to the notebook
    assert list(hygiene.CHECKS[check](load(legacy))) == []


def test_nothing_downloads_from_torchtexts_servers(legacy: Path) -> None:
    code = "\n".join(cell["source"] for cell in code_cells(load(legacy)))
    assert not re.search(r"torchtext\.datasets|Multi30k\(|torchtext\.utils|download_from_url", code)


def test_stored_outputs_are_of_the_small_corpus(legacy: Path) -> None:
    book, found = load(legacy), notebooks.results(legacy)
    settings = common.plain_settings(book)
    small = {key: value for key, value in run.SMALL.items() if key in settings}
    assert {key: settings[key] for key in small} == small and len(small) >= 6
    assert list(hygiene.check_stored_results(found, settings, common.number(legacy))) == []
    assert found["dataset"] == "captions" and found["torch"].startswith("2.3.1")
    assert found["bleu_greedy"] > 10 and 1 < found["test_perplexity"] < 10


def test_no_score_on_multi30k_stands_beside_other_outputs(legacy: Path) -> None:
    """The figures of the current tutorials' stored runs are nowhere in the legacy prose.

    Cells that refer to the benchmarks say which runs their figures are of, and one may be the same by chance.
    """
    texts = [cell["source"] for cell in load(legacy)["cells"] if cell["cell_type"] == "markdown"]
    prose = "\n".join(text for text in texts if "benchmarks/README.md" not in text)
    runs = [notebooks.results(path) for path in common.tutorials(common.ROOT)]
    scores = {f"{found[key]:.1f}" for found in runs for key in ("bleu_greedy", "bleu_beam", "chrf", "bleu_spacy_lower")}
    assert scores & set(re.findall(r"\b\d+\.\d\b", prose)) == set()
    assert "say nothing about Multi30k" in prose


@pytest.mark.parametrize(
    ("python", "torch", "torchtext"),
    [
        ((3, 13), "2.3.1", "0.18.0"),
        ((3, 14), "none", "none"),
        ((3, 9), "2.3.1", "0.18.0"),
        ((3, 11), "2.4.0", "0.18.0"),
        ((3, 11), "2.13.0+cpu", "0.18.0"),
        ((3, 11), "2.3.1", "none"),
        ((3, 11), "2.2.2", "0.17.2"),
    ],
)
def test_the_first_cell_names_what_cannot_work(legacy: Path, python, torch, torchtext, monkeypatch) -> None:
    def version(package: str) -> str:
        found = {"torch": torch, "torchtext": torchtext}[package]
        if found == "none":
            raise importlib.metadata.PackageNotFoundError(package)
        return found

    first = compile(code_cells(load(legacy))[0]["source"], "<first cell>", "exec")
    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.setattr(sys, "version_info", (*python, 0))
    with pytest.raises(ImportError) as caught:
        exec(first, {})
    monkeypatch.undo()
    message = str(caught.value)
    found = f"found Python {python[0]}.{python[1]}, torch {torch} and torchtext {torchtext}: "
    assert f"{found}install legacy/requirements.txt" in message and "\n" not in message


def test_the_first_cell_lets_the_legacy_stack_pass(legacy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"torch": "2.3.1+cu121", "torchtext": "0.18.0"}
    monkeypatch.setattr(importlib.metadata, "version", versions.__getitem__)
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    exec(code_cells(load(legacy))[0]["source"], {})


def test_building_keeps_outputs_of_unchanged_code_alone(tmp_path: Path) -> None:
    path = PATHS[0]
    made, _ = build.build(current(path))
    stored = common.read_notebook(path)
    assert build.keep_outputs(made, stored)
    assert [cell.get("outputs") for cell in made.cells] == [cell.get("outputs") for cell in stored.cells]
    changed, _ = build.build(current(path))
    next(cell for cell in stored.cells if cell.cell_type == "code").source += "\n"
    assert not build.keep_outputs(changed, stored)
    assert not any(cell.get("outputs") for cell in changed.cells)


@pytest.mark.parametrize("kind", ["code", "markdown"])
def test_a_cell_that_is_gone_is_named(kind: str, tmp_path: Path) -> None:
    book = json.loads(current(PATHS[0]).read_text(encoding="utf-8"))
    gone = "shared:vocabulary" if kind == "code" else "07cff6c2"
    book["cells"] = [c for c in book["cells"] if c["id"] != gone and gone not in c["metadata"].get("tags", [])]
    (tmp_path / PATHS[0].name).write_text(json.dumps(book), encoding="utf-8")
    with pytest.raises(common.ToolError, match=f"names cells that .* does not have: {gone}"):
        build.build(tmp_path / PATHS[0].name)
