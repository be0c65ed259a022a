"""Open the tutorials in JupyterLab: `lab.py [--dataset FOLDER or OWNER/NAME] [...]`.

JupyterLab gets copies in lab/, so that the repository stays as it is. Your copies stay
until a tutorial has a newer version; then they are kept beside it, under a new name.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from run import ROOT, ToolError, data_argument, tutorials

COPIED = ("[0-9] - *.ipynb", "further/*.ipynb", "solutions/*.ipynb")
COPIED += ("benchmarks/*.md", "further/*.md")  # pages that they link to


def main(argv: list[str] | None = None, root: Path = ROOT) -> int:
    """Copy what is new, and open tutorial 1; other arguments go to JupyterLab."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dataset")
    given, others = parser.parse_known_args(argv)
    if given.dataset:
        try:
            os.environ["SEQ2SEQ_DATASET"] = data_argument(given.dataset)
        except ToolError as error:
            print(error, file=sys.stderr)
            return 1
    update(root, root / "lab")
    first = tutorials(root, "1")[0].name
    sys.stdout.flush()
    os.chdir(root / "lab")
    command = [sys.executable, "-m", "jupyterlab", "--allow-root", *others, first]
    os.execv(sys.executable, command)  # takes our place, or Ctrl-C would kill it


def update(root: Path, lab: Path) -> None:
    """Copy the figures, and what lab lacks or has an older version of."""
    # Not linked: JupyterLab shows no picture behind a link.
    shutil.copytree(root / "assets", lab / "assets", dirs_exist_ok=True)
    for name in ("checkpoints", "further/checkpoints"):
        folder, link = root / name, lab / name  # where the notebooks look for it
        folder.mkdir(parents=True, exist_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            target = os.path.relpath(folder, link.parent)
            link.symlink_to(target, target_is_directory=True)
    for path in (one for names in COPIED for one in sorted(root.glob(names))):
        copy = lab / path.relative_to(root)
        copy.parent.mkdir(exist_ok=True)
        newer = copy.exists() and path.stat().st_mtime > copy.stat().st_mtime
        if newer and path.read_bytes() != copy.read_bytes():
            now = time.strftime("%Y-%m-%d %H.%M.%S")
            kept = copy.with_stem(f"{copy.stem}, mine until {now}")
            print(f"A newer version of {path.name}: yours is now lab/{kept.name}.")
            copy.replace(kept)
        if not copy.exists():
            shutil.copyfile(path, copy)


if __name__ == "__main__":
    sys.exit(main())
