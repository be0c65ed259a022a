"""Make the notebooks of this folder from the current ones: `python legacy/build.py`, or `make legacy`.

cells.py says which cells are replaced by which; everything else is taken over. A notebook keeps its stored outputs
as long as its code stays the same to the letter; `make outputs-legacy` makes new ones.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))

import cells  # noqa: E402
import common  # noqa: E402
import run  # noqa: E402

SECTION = re.compile(r"^## (\d+)\. (.*)$", re.MULTILINE)
FIRST_LEFT_OUT = 13  # from this section on, only the cell tagged results is taken over


def main(root: Path = common.ROOT) -> int:
    """Write the three notebooks; return the exit status."""
    try:
        for path in common.tutorials(root):
            book, left_out = build(path)
            target = root / HERE.name / path.name
            kept = target.exists() and keep_outputs(book, common.read_notebook(target))
            common.write_notebook(book, target)
            print(f"{HERE.name}/{path.name}: {'outputs kept' if kept else 'no outputs, run make outputs-legacy'}")
            for line in left_out:
                print(f"  left out, name it in cells.py to keep it: {line}")
    except (common.ToolError, OSError) as error:
        return common.fail(error)
    return 0


def build(path: Path) -> tuple[Any, list[str]]:
    """The legacy notebook made from the current one at `path`, without outputs, and the Markdown cells left out.

    Raises ToolError when the current notebook no longer has what cells.py names.
    """
    source, number = common.read_notebook(path), common.number(path)
    check_names(source, path.name, number)
    made, left_out, section = [], [], 0
    for cell in source.cells:
        headings = [int(found) for found, _ in SECTION.findall(cell.source)] if cell.cell_type == "markdown" else []
        section = headings[0] if SECTION.match(cell.source) and headings else section
        tag = next((tag for tag in cell.metadata.get("tags", []) if tag in {*cells.CODE, *cells.BEFORE}), None)
        made += [new_cell(*each) for each in cells.BEFORE.get(tag, [])]
        if cell.cell_type == "code":
            made.append(code_cell(cell, tag))
        elif not made:
            made.append(new_cell("markdown", cells.INTRODUCTION.replace("{title}", title(cell.source))))
            made.append(new_cell("markdown", "## Contents"))  # filled in below, when the headings are known
        elif text := kept_text(cell, section, number):
            made.append(cell)
            cell.source = text
        elif cell.id not in cells.LEFT_OUT[number] and 8 <= section < FIRST_LEFT_OUT:
            left_out.append(f"{cell.id} {common.one_line(cell.source)[:60]}")
        section = headings[-1] if headings else section
    edit_code(made, number, path.name)
    made[1].source = contents(made)
    finish_markdown(made, cells.PROSE[number], f"../{quote(path.name)}")
    for cell in made:
        cell.pop("attachments", None)
    source.cells = made
    return source, left_out


def check_names(source: Any, name: str, number: int) -> None:
    """Raise ToolError when a cell that cells.py names is no longer there."""
    there = {cell.id for cell in source.cells} | {tag for cell in source.cells for tag in cell.metadata.get("tags", [])}
    named = {*cells.CODE, *cells.BEFORE, *cells.KEPT[number], *cells.LEFT_OUT[number], *cells.PROSE[number]}
    if missing := sorted(named - there):
        raise common.ToolError(f'legacy/cells.py names cells that "{name}" does not have: {", ".join(missing)}')


def title(source: str) -> str:
    """The heading of the first cell."""
    return re.search(r"^# (.*)$", source, re.MULTILINE)[1]


def new_cell(kind: str, source: str) -> Any:
    """A cell of cells.py; its id depends on its text alone."""
    import nbformat

    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    cell = make(source, id=hashlib.sha256(source.encode()).hexdigest()[:8])
    if kind == "code":
        cell.metadata["tags"] = ["legacy"]
    return cell


def code_cell(cell: Any, tag: str | None) -> Any:
    """A code cell without outputs, replaced if cells.py says so."""
    cell.outputs, cell.execution_count = [], None
    if tag in cells.CODE:
        cell.source, cell.metadata["tags"] = cells.CODE[tag], ["legacy"]
    return cell


def kept_text(cell: Any, section: int, number: int) -> str:
    """What is kept of a Markdown cell; "" for nothing."""
    start = cells.KEPT[number].get(cell.id)
    if start is None:
        return cell.source if section in cells.KEPT_SECTIONS and cell.id not in cells.LEFT_OUT[number] else ""
    if start not in cell.source:
        raise common.ToolError(f"legacy/cells.py expects {start!r} in the Markdown cell {cell.id}, which has none.")
    return f"{cells.IN_PLACE_OF_RESULTS}\n\n{cell.source[cell.source.index(start) :]}" if start else cell.source


def edit_code(made: list[Any], number: int, name: str) -> None:
    """Put the small settings into the parameters, and do the edits of cells.py.

    Raises ToolError when an edit does not match exactly once.
    """
    (parameters,) = (cell for cell in made if common.has_tag(cell, "parameters"))
    for setting, value in run.SMALL.items():
        parameters.source = re.sub(rf"^{setting} = [^\s]+", f"{setting} = {value!r}", parameters.source, flags=re.M)
    for pattern, replacement in cells.EDITS_OF[number]:
        found = [cell for cell in made if cell.cell_type == "code" and re.search(pattern, cell.source, re.MULTILINE)]
        if len(found) != 1:
            raise common.ToolError(f'legacy/cells.py: expected one code cell of "{name}" with {pattern}: {len(found)}')
        (cell,) = found
        cell.source = re.sub(pattern, replacement, cell.source, flags=re.MULTILINE)
        if cell is not parameters:
            cell.metadata["tags"] = ["legacy"]


def contents(made: list[Any]) -> str:
    """The list of the sections that are there."""
    found = [each for cell in made if cell.cell_type == "markdown" for each in SECTION.findall(cell.source)]
    return "## Contents\n\n" + "\n".join(
        f"{number}. [{heading}](#{number}.-{heading.replace(' ', '-')})" for number, heading in found
    )


def finish_markdown(made: list[Any], prose: dict[str, tuple[str, str]], current: str) -> None:
    """Do the edits `prose` of cells.py, and let links and images work from inside this folder.

    Links to a section that is not here lead to the current tutorial, at the address `current`.
    """
    texts = [cell for cell in made if cell.cell_type == "markdown"]
    for cell in texts:
        if cell.id in prose:
            pattern, replacement = prose[cell.id]
            cell.source, count = re.subn(pattern, lambda _, new=replacement: new, cell.source, flags=re.DOTALL)
            if count != 1:
                raise common.ToolError(f"legacy/cells.py: expected {pattern} once in the cell {cell.id}: {count}")
        cell.source = cell.source.replace("{current}", current)
    headings = {
        heading.replace("`", "").replace(" ", "-")
        for cell in texts
        for heading in re.findall(r"^#+ (.*)$", cell.source, re.MULTILINE)
    }

    def address(found: re.Match[str]) -> str:
        url = found[1]
        if url.startswith("#"):
            return found[0] if url[1:] in headings else f"]({current}{url})"
        own = url.startswith(("../", "README.md")) or re.match(r"[a-z]+:", url)
        return found[0] if own else f"](../{url})"

    for cell in texts:
        cell.source = re.sub(r"\]\(([^)\s]+)\)", address, cell.source)


def keep_outputs(book: Any, stored: Any) -> bool:
    """Take the outputs of `stored` over if its code is the same; return whether there are any now."""
    new, old = ([cell for cell in each.cells if cell.cell_type == "code"] for each in (book, stored))
    if [cell.source for cell in new] != [cell.source for cell in old]:
        return False
    for cell, before in zip(new, old, strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count
    return any(cell.outputs for cell in new)


if __name__ == "__main__":
    sys.exit(main())
