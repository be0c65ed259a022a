"""Write the table of results in README.md from the outputs stored in the notebooks.

`python tools/readme_table.py` writes it, `--check` only says whether it is up to date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from common import (
    CORPUS,
    ROOT,
    Parser,
    ToolError,
    between,
    device,
    fail,
    number,
    read_notebook,
    results,
    tutorials,
    write_text,
)

HEADER = [
    "Tutorial",
    "Paper",
    "BLEU greedy",
    "BLEU beam",
    "chrF",
    "Perplexity",
    "Parameters",
    "Training",
    "Device",
]
ALIGNMENT = ["---", "---", "--:", "--:", "--:", "--:", "--:", "--:", "---"]
ARXIV = re.compile(r"https?://arxiv\.org/(?:abs|pdf)/(\d{4}\.\d{4,5})")


def main(argv: list[str] | None = None, root: Path = ROOT) -> int:
    """Write or check the table in `root`/README.md; return the exit status."""
    parser = Parser(prog="readme_table.py", description="Write the table of results in README.md.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail when README.md differs")
    arguments = parser.parse_args(argv)
    try:
        old, new = readme(root)
    except (ToolError, OSError) as error:
        return fail(error)
    if arguments.check and old != new:
        message = "README.md: expected the results stored in the notebooks, found others; run `make readme`."
        print(message, file=sys.stderr)
        return 1
    if old != new:
        write_text(root / "README.md", new)
    return 0


def readme(root: Path) -> tuple[str, str]:
    """README.md as it is and as it should be."""
    path = root / "README.md"
    if not path.exists():
        raise ToolError("Expected README.md, found no such file.")
    old = path.read_text(encoding="utf-8")
    return old, between(old, "results", table(root), "README.md")


def table(root: Path) -> str:
    """The table and the line below it."""
    rows, captions = [], []
    for path in tutorials(root):
        notebook = read_notebook(path)
        found = results(notebook, path.name)
        try:
            rows.append(row(path, found, paper(notebook)))
            captions.append(caption(found))
        except (KeyError, TypeError, ValueError) as error:
            raise ToolError(f'"{path.name}": expected complete results, found a problem with {error}.') from None
    lines = [f"| {' | '.join(cells)} |" for cells in [HEADER, ALIGNMENT, *rows]]
    notes = list(dict.fromkeys(captions))
    if len(notes) > 1:
        notes = [f"{number(path)}: {text}" for path, text in zip(tutorials(root), captions, strict=True)]
    return "\n".join(lines) + "\n\n" + "\n\n".join(notes)


def row(path: Path, found: Mapping[str, Any], source: str) -> list[str]:
    """One tutorial's line."""
    return [
        f"[{path.stem}]({quote(path.name)})",
        source,
        f"{found['bleu_greedy']:.1f}",
        f"{found['bleu_beam']:.1f}",
        f"{found['chrf']:.1f}",
        f"{found['test_perplexity']:.2f}",
        f"{found['parameters'] / 1e6:.1f} M",
        duration(found["training_seconds"]),
        device(found),
    ]


def duration(seconds: float) -> str:
    """How long training took, for people: 45 s, 12 min, 1 h 05 min."""
    if round(seconds) < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def paper(notebook: Mapping[str, Any]) -> str:
    """A link to the first arXiv paper that the notebook's text names."""
    text = "\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    found = ARXIV.search(text)
    return f"[arXiv:{found[1]}](https://arxiv.org/abs/{found[1]})" if found else "–"


def caption(found: Mapping[str, Any]) -> str:
    """What the numbers were measured on, and how."""
    dataset = str(found["dataset"]).split("/")[-1]
    if dataset == "multi30k":
        data = "Multi30k's test2016"
    elif dataset == CORPUS.name:
        data = f"the test part of the small generated corpus in {CORPUS.as_posix()}"
    else:
        data = "the test part of " + dataset
    return (
        f"BLEU and chrF: sacreBLEU on {data}, lower-cased; perplexity: per token, same data. "
        f"Signature of BLEU: `{found['bleu_signature']}`."
    )


if __name__ == "__main__":
    sys.exit(main())
