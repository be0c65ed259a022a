"""Write what README.md says of the notebooks: `readme.py [--colab OWNER/NAME]`.

Without an option, its table and picture, as stored in the tutorials. With --colab,
"Open in Colab" badges, there and in each notebook, and addresses of pictures which a
copy in Drive finds; `none` removes both.
"""

from __future__ import annotations

import argparse
import base64
import re
import sys
from pathlib import Path
from urllib.parse import quote

import nbformat

from run import ROOT, ToolError, read, results, tutorials, write

HEADER = """\
| Tutorial | Paper | BLEU greedy | BLEU beam | chrF | Perplexity | Weights | Training |
| --- | --- | --: | --: | --: | --: | --: | --- |"""
ROW = """\
| [{tutorial}]({link}) | [arXiv:{paper}](https://arxiv.org/abs/{paper}) \
| {bleu_greedy:.1f} | {bleu_beam:.1f} | {chrf:.1f} | {test_perplexity:.2f} \
| {millions:.1f} M | {minutes:.1f} min, {device} |"""
COLAB = "https://colab.research.google.com"


def main(argv: list[str] | None = None, root: Path = ROOT) -> int:
    """Write the table or the badges; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--colab", metavar="OWNER/NAME")
    parser.add_argument("--branch", default="main")
    given = parser.parse_args(argv)
    try:
        if given.colab is None:
            path = root / "README.md"
            text = path.read_text(encoding="utf-8")
            write(path, between(text, "results", table(root), path))
            for picture in alignments(root)[1:2]:  # the second, once it was drawn
                (root / "assets/alignment.png").write_bytes(picture)
        else:
            for path, text in badges(root, given.colab, given.branch).items():
                write(path, text)
    except (ToolError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def table(root: Path) -> str:
    """Return the table of results."""
    rows = [HEADER]
    for path in tutorials(root):
        notebook = read(path)
        found = results(notebook, path.name)
        if found["dataset"] != "multi30k" or "bleu_beam" not in found:
            continue  # its scores can't stand beside the others
        texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
        found["paper"] = re.search(r"arxiv\.org/abs/([\d.]+\d)", "".join(texts))[1]
        found["link"] = quote(path.relative_to(root).as_posix())
        found["millions"] = found["parameters"] / 1e6
        found["minutes"] = found["training_seconds"] / 60
        rows.append(ROW.format(**found))
    return "\n".join(rows)


def alignments(root: Path) -> list[bytes]:
    """Return the pictures of tutorial 3's cell that draws alignments, as PNG files."""
    cells = [cell for path in root.glob("3 - *.ipynb") for cell in read(path).cells]
    drawn = [cell for cell in cells if cell.source.startswith("show_alignment(")]
    outputs = [output for cell in drawn for output in cell.outputs]
    return [base64.b64decode(output.data["image/png"]) for output in outputs]


def badges(root: Path, repository: str, branch: str) -> dict[Path, str]:
    """Return the files with badges and their new texts."""
    repository = repository.removesuffix(".git")  # as in the address for git clone
    if repository != "none" and not re.fullmatch(r"\w[\w-]*/[\w.-]+", repository):
        raise ToolError(f"Give REPO=owner/name, or REPO=none: not {repository!r}.")
    new, lines, readme = {}, [], root / "README.md"
    for path in [*tutorials(root), *sorted(root.glob("solutions/[0-9] - *.ipynb"))]:
        name, notebook = path.relative_to(root), read(path)
        place = f"{repository}/blob/{quote(branch)}/{quote(name.as_posix())}"
        badge = f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]"
        badge += f"({COLAB}/github/{place})"
        folder = f"https://raw.githubusercontent.com/{repository}/{quote(branch)}/"
        if repository == "none":
            badge, folder = "", "../" * (len(name.parts) - 1)
        first = notebook.cells[0]
        first.source = between(first.source, "colab", badge, path)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                picture = r"\]\([^)\s]*(?=assets/[^)\s]+\.png\))"
                cell.source = re.sub(picture, f"]({folder}", cell.source)
        new[path] = nbformat.writes(notebook)
        lines += [f"- {badge} {path.stem}"] if badge else []
    text = readme.read_text(encoding="utf-8")
    return new | {readme: between(text, "colab", "\n".join(lines), readme)}


def between(text: str, marker: str, content: str, path: Path) -> str:
    """Return a text with content between `<!-- marker -->` and `<!-- /marker -->`."""
    start, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    parts = re.split(f"{start}|{end}", text)
    if len(parts) != 3:
        raise ToolError(f'"{path.name}" must have {start} and {end}, once each.')
    content = f"\n{content}\n" if content else "\n"
    return f"{parts[0]}{start}{content}{end}{parts[2]}"


if __name__ == "__main__":
    sys.exit(main())
