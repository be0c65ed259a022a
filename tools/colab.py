"""Write "Open in Colab" badges for a repository: `python tools/colab.py OWNER/NAME [--branch main]`.

The badges stand between `<!-- colab -->` and `<!-- /colab -->` in README.md and in the first cell of each
notebook, those in solutions/ among them. `none` instead of a repository removes them.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from common import ROOT, Parser, ToolError, between, fail, tutorials, write_text

REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
BRANCH = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._/-]*")
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"


def main(argv: list[str] | None = None, root: Path = ROOT) -> int:
    """Write the badges in `root`; return the exit status."""
    parser = Parser(prog="colab.py", description="Write Open in Colab badges.")
    parser.add_argument("repository", help="owner/name on GitHub, or none to remove the badges")
    parser.add_argument("--branch", default="main")
    arguments = parser.parse_args(argv)
    try:
        repository = checked(arguments.repository, arguments.branch)
        for path, text in pages(root, repository, arguments.branch):
            write_text(path, text)
    except (ToolError, OSError) as error:
        return fail(error)
    return 0


def checked(repository: str, branch: str) -> str | None:
    """The repository, None for `none`; raise on anything that is no GitHub name."""
    if repository.lower() == "none":
        return None
    repository = repository.removesuffix(".git")  # as in the address for git clone
    if not REPOSITORY.fullmatch(repository):
        raise ToolError(f"Expected REPO=owner/name (or REPO=none), found: {repository!r}", 2)
    if not BRANCH.fullmatch(branch):
        raise ToolError(f"Expected BRANCH to be the name of a branch, found: {branch!r}", 2)
    return repository


def pages(root: Path, repository: str | None, branch: str) -> list[tuple[Path, str]]:
    """The files that change, with their new text; nothing is written before all of them are known."""
    notebooks = [*tutorials(root), *sorted(root.glob("solutions/[0-9] - *.ipynb"))]
    badges = [badge(repository, branch, path.relative_to(root)) for path in notebooks]
    new: list[tuple[Path, str]] = []
    for path, image in zip(notebooks, badges, strict=True):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        set_badge(notebook, image, path.name)
        new.append((path, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"))
    readme = root / "README.md"
    if not readme.exists():
        raise ToolError("Expected README.md, found no such file.")
    lines = [f"- {image} {path.stem}" for image, path in zip(badges, notebooks, strict=True) if image]
    new.append((readme, between(readme.read_text(encoding="utf-8"), "colab", "\n".join(lines), "README.md")))
    return [(path, text) for path, text in new if path.read_text(encoding="utf-8") != text]


def badge(repository: str | None, branch: str, path: Path) -> str:
    """The badge of one notebook in Markdown."""
    if repository is None:
        return ""
    address = f"https://colab.research.google.com/github/{repository}/blob/{quote(branch)}/{quote(path.as_posix())}"
    return f"[![Open in Colab]({BADGE})]({address})"


def set_badge(notebook: dict[str, Any], content: str, name: str) -> None:
    """Put `content` between the markers of the first Markdown cell."""
    cell = next((cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"), None)
    if cell is None:
        raise ToolError(f'"{name}": expected a Markdown cell with <!-- colab -->, found none.')
    source = cell["source"]
    text = between("".join(source), "colab", content, f'"{name}"')
    cell["source"] = text if isinstance(source, str) else text.splitlines(keepends=True)


if __name__ == "__main__":
    sys.exit(main())
