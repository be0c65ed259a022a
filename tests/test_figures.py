"""The figures come from their source."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

from notebooks import ROOT

FOLDER = ROOT / "assets" / "figures"


def size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG file, in pixels."""
    header = path.read_bytes()[:24]
    assert header.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", header[16:24])


def test_the_source_draws_every_committed_figure(tmp_path: Path) -> None:
    """Bytes differ between versions of matplotlib; names and sizes don't."""
    command = [sys.executable, FOLDER / "draw.py", "--out", tmp_path]
    subprocess.run(command, check=True)
    drawn = {path.name: size(path) for path in tmp_path.glob("*.png")}
    assert drawn == {path.name: size(path) for path in FOLDER.glob("*.png")} and drawn


def test_figures_are_sharp_and_small() -> None:
    for path in FOLDER.glob("*.png"):
        assert size(path)[0] >= 1600, path.name
        assert path.stat().st_size < 300_000, path.name
