"""Plots of finished runs: the tutorials seed by seed, and what one change does."""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from common import device

COLORS = {1: "#005a8e", 2: "#b04a00", 3: "#00694d"}  # of the tutorials; people with colour blindness see three, too
INK, FAINT = "#1f2328", "#d0d7de"
SCORES = [("bleu_beam", "BLEU, beam search"), ("chrf", "chrF"), ("test_perplexity", "Perplexity")]
DATA = "Data"  # the key of the text inside a PNG that says what was drawn

Points = dict[str, list[tuple[int, float]]]  # for each score the tutorial's number and the value of each seed


def seed_points(lines: Iterable[Mapping[str, Any]], experiment: str) -> Points:
    """The scores of every seed of an experiment, on the device of the tutorial's first line.

    A later line of the same tutorial and seed replaces an earlier one.
    """
    first: dict[int, tuple[int, str]] = {}
    runs = {}
    for line in lines:
        if line["experiment"] == experiment and where(line) == first.setdefault(line["tutorial"], where(line)):
            runs[line["tutorial"], line["seed"]] = line["results"]
    return {key: [(tutorial, runs[tutorial, seed][key]) for tutorial, seed in sorted(runs)] for key, _ in SCORES}


def changes(lines: Iterable[Mapping[str, Any]], short: str) -> list[tuple[str, int, float]]:
    """Name, tutorial and gain in BLEU of every experiment that has run as long as the short run of its tutorial."""
    lines = list(lines)
    base = {where(line): line["results"] for line in lines if line["experiment"] == short}
    found = {}
    for line in lines:
        results, reference = line["results"], base.get(where(line))
        if line["experiment"] != short and reference and results["epochs"] == reference["epochs"]:
            gain = round(results["bleu_beam"] - reference["bleu_beam"], 2)
            found[line["experiment"], line["tutorial"]] = gain  # a later line replaces an earlier one
    return sorted(((*one, gain) for one, gain in found.items()), key=lambda one: (-one[1], one[2]))


def where(line: Mapping[str, Any]) -> tuple[int, str]:
    """What two runs must share to be compared: the tutorial, the device and its precision."""
    return line["tutorial"], device(line["results"])


def draw_seeds(points: Points) -> Figure:
    """A panel for each score, a dot for each seed, a line at the mean."""
    figure, axes = panels(len(SCORES), 9.0, 3.2)
    for axis, (key, title) in zip(axes, SCORES, strict=True):
        for number in sorted({tutorial for tutorial, _ in points[key]}):
            values = [value for tutorial, value in points[key] if tutorial == number]
            mean = statistics.mean(values)
            axis.plot([number - 0.25, number + 0.25], [mean, mean], color=COLORS[number], linewidth=1)
            axis.plot([number] * len(values), values, "o", color=COLORS[number], markersize=5, alpha=0.8)
            axis.annotate(f"{mean:.{2 if mean < 10 else 1}f}", (number + 0.3, mean), va="center", color=INK)
        axis.set_title(title, loc="left")
        axis.set_xticks(list(COLORS), [f"tutorial {number}" for number in COLORS])
        axis.set_xlim(0.5, 3.9)
    return figure


def draw_changes(found: list[tuple[str, int, float]]) -> Figure:
    """A bar for each changed thing: the BLEU that it gains, or loses, against the run of the same length without it."""
    figure, (axis,) = panels(1, 9.0, 0.8 + 0.36 * len(found))
    names = [f"{name} (tutorial {tutorial})" for name, tutorial, _ in found]
    colors = [COLORS[tutorial] for _, tutorial, _ in found]
    bars = axis.barh(names, [gain for _, _, gain in found], color=colors, height=0.55)
    labels = [f"{gain:+.1f}" if abs(gain) >= 0.05 else "0.0" for _, _, gain in found]
    axis.bar_label(bars, labels, padding=4)
    axis.axvline(0, color=INK, linewidth=0.8)
    axis.margins(x=0.15)
    figure.suptitle(
        "BLEU with beam search: gain over a training of the same length without the change", x=0.01, ha="left"
    )
    return figure


def panels(count: int, width: float, height: float) -> tuple[Figure, list[Any]]:
    """A figure of some inches with panels side by side."""
    figure = Figure(figsize=(width, height), dpi=200, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    axes = list(figure.subplots(1, count, squeeze=False)[0])
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(axis="x" if count == 1 else "y", color=FAINT, linewidth=0.6)
        axis.set_axisbelow(True)
    return figure, axes


def fingerprint(data: Any) -> str:
    """What tells whether a stored plot shows these data."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def save(figure: Figure, data: Any, path: Path) -> None:
    """Write a PNG that carries the fingerprint of its data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    figure.savefig(part, format="png", metadata={"Software": None, DATA: fingerprint(data)})
    os.replace(part, path)


def stored_fingerprint(path: Path) -> str | None:
    """The fingerprint inside a PNG; None when there is no such file, or no fingerprint in it."""
    if not path.exists():
        return None
    content, at = path.read_bytes(), 8
    while at + 8 <= len(content):  # a file that was cut has no whole piece there
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        if kind == b"tEXt" and body.startswith(f"{DATA}\0".encode()):
            return body.split(b"\0")[1].decode()
        at += length + 12  # length, kind, body, checksum
    return None
