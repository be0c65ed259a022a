"""Draw the diagrams of the tutorials.

    python assets/figures/draw.py                # redraw every PNG beside this file
    python assets/figures/draw.py --out FOLDER   # draw them somewhere else

Needs matplotlib only. With the same versions of Python and matplotlib the files come out the same,
byte for byte. The first half of this file is the visual language (colours, sizes, helpers), the second
half has one function for each figure. All lengths and positions are in inches, from the lower left.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.path import Path as Curve

Point = tuple[float, float]

# --------------------------------------------------------------------------------------
# The visual language
# --------------------------------------------------------------------------------------

DPI = 200
FINE = 240  # for figures of some 7 inches, whose words can be read on a phone, too

INK = "#1f2328"  # text and arrows
MUTED = "#57606a"  # side notes
FAINT = "#9aa1a9"  # lines of what is left out
CARD = "#ffffff"
CARD_EDGE = "#d0d7de"


@dataclass(frozen=True)
class Style:
    """A fill (a pale tint) and an edge (the full colour, also used for headings)."""

    fill: str
    edge: str


# Tints of the Okabe-Ito palette, which people with the common kinds of colour blindness can tell apart.
TOKEN = Style("#f3f4f6", "#6e7781")  # a word or a special token
EMBEDDING = Style("#fbf5b8", "#8a7d00")
ENCODER = Style("#cfe4f4", "#005a8e")
BACKWARD = Style(CARD, ENCODER.edge)  # the second direction of an encoder that has two
DECODER = Style("#fbdcc6", "#b04a00")
OUTPUT = Style("#c9eade", "#00694d")  # the output layer
CONTEXT = Style("#f4dcea", "#94386f")  # what the encoder hands to the decoder
ATTENTION = Style("#ffe3a6", "#8f6100")  # reserved for the tutorial on attention
GATE = Style("#dff1fb", "#2b6f99")  # the inside of a recurrent cell
PLAIN = Style("#ffffff", "#6e7781")
PAD = Style("#d5d9de", "#8b939c")

SMALL, TEXT, HEADING = 10.0, 11.0, 12.5  # font sizes in points
THIN, LINE, THICK = 1.0, 1.4, 2.4  # line widths in points
ROUND = 0.07  # corner radius
SANS, MONO = "DejaVu Sans", "DejaVu Sans Mono"  # both come with matplotlib

SETTINGS = {
    "font.family": SANS,
    "mathtext.fontset": "dejavusans",
    "axes.unicode_minus": True,
    "text.color": INK,
}


def canvas(width: float, height: float, dpi: int = DPI) -> tuple[Figure, Axes]:
    """A figure with one inch as its unit, on a white card that can be read on light and dark pages."""
    figure = Figure(figsize=(width, height), dpi=dpi, facecolor="none")
    FigureCanvasAgg(figure)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_xlim(0, width)
    ax.set_ylim(0, height)
    ax.axis("off")
    box(
        ax,
        width / 2,
        height / 2,
        width - 0.06,
        height - 0.06,
        style=Style(CARD, CARD_EDGE),
        radius=0.14,
        linewidth=THIN,
        zorder=0,
    )
    return figure, ax


def write(
    ax: Axes, x: float, y: float, text: str, size: float = SMALL, **kwargs: Any
) -> None:
    """Text, centred unless told otherwise. Every line stands on its baseline, whatever letters it holds."""
    options = {"ha": "center", "va": "baseline", "color": INK, "zorder": 5, **kwargs}
    lines = text.split("\n")
    capital, step = (
        0.7 * size / 72,
        1.4 * size / 72,
    )  # the height of a capital, and from line to line
    y += (step * (len(lines) - 1) - capital) / 2
    for index, line in enumerate(lines):
        ax.text(x, y - step * index, line, fontsize=size, **options)


def code(
    ax: Axes, x: float, y: float, text: str, size: float = SMALL, **kwargs: Any
) -> None:
    """Text in the typewriter font, for names that stand in the notebooks."""
    write(ax, x, y, text, size, **{"family": MONO, **kwargs})


def named(
    ax: Axes, x: float, y: float, name: str, note: str, size: float = SMALL
) -> None:
    """A name from the code and a note on it, side by side, centred together."""
    code(ax, x, y, name, size, ha="left")
    write(ax, x, y, note, size, ha="left", color=MUTED)
    first, second = ax.texts[-2:]
    dpi = ax.get_figure().dpi
    widths = [part.get_window_extent().width / dpi for part in (first, second)]
    first.set_x(x - (sum(widths) + 0.1) / 2)
    second.set_x(x + (sum(widths) + 0.1) / 2 - widths[1])


def box(
    ax: Axes,
    x: float,
    y: float,
    width: float,
    height: float,
    text: str = "",
    style: Style = PLAIN,
    size: float = SMALL,
    radius: float = ROUND,
    linewidth: float = LINE,
    dashed: bool = False,
    zorder: float = 3,
    **kwargs: Any,
) -> None:
    """A rounded box with its centre at (x, y)."""
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle=f"round,pad=0,rounding_size={radius}",
            facecolor=style.fill,
            edgecolor=style.edge,
            linewidth=linewidth,
            linestyle=(0, (3, 2)) if dashed else "-",
            zorder=zorder,
        )
    )
    if text:
        write(ax, x, y, text, size, **kwargs)


def token(
    ax: Axes, x: float, y: float, text: str, width: float = 0.62, **kwargs: Any
) -> None:
    """A word or a special token."""
    box(ax, x, y, width, 0.32, text, **{"style": TOKEN, "linewidth": THIN, **kwargs})


def frame(
    ax: Axes,
    left: float,
    bottom: float,
    right: float,
    top: float,
    style: Style,
    **kwargs: Any,
) -> None:
    """A box given by its sides, that lies behind what it holds."""
    options = {"radius": 0.12, "zorder": 1, "linewidth": LINE, **kwargs}
    box(
        ax,
        (left + right) / 2,
        (bottom + top) / 2,
        right - left,
        top - bottom,
        style=style,
        **options,
    )


def toward(start: Point, end: Point) -> Point:
    """The point where a rounded corner at `start` ends, on the way to `end`."""
    reach = math.dist(start, end)
    share = min(0.1, reach / 2) / reach
    return start[0] + (end[0] - start[0]) * share, start[1] + (
        end[1] - start[1]
    ) * share


def arrow(
    ax: Axes,
    *points: Point,
    color: str = INK,
    width: float = LINE,
    head: bool = True,
    dashed: bool = False,
    both: bool = False,
    zorder: float = 2,
) -> None:
    """An arrow through the given points, with rounded corners; `head=False` gives a plain line."""
    vertices, codes = [points[0]], [Curve.MOVETO]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        vertices += [toward(corner, before), corner, toward(corner, after)]
        codes += [Curve.LINETO, Curve.CURVE3, Curve.CURVE3]
    vertices.append(points[-1])
    codes.append(Curve.LINETO)
    ax.add_patch(
        FancyArrowPatch(
            path=Curve(vertices, codes),
            arrowstyle=("<|-|>" if both else "-|>") if head else "-",
            mutation_scale=9 + 2 * (width - LINE),
            color=color,
            linewidth=width,
            linestyle=(0, (3, 2)) if dashed else "-",
            shrinkA=0,
            shrinkB=0,
            zorder=zorder,
            joinstyle="miter",
            capstyle="butt",
        )
    )


def node(ax: Axes, x: float, y: float, text: str, radius: float = 0.17) -> None:
    """A small circle for an element-wise operation."""
    ax.add_patch(
        Circle((x, y), radius, facecolor=CARD, edgecolor=INK, linewidth=LINE, zorder=3)
    )
    write(ax, x, y + 0.01, text, HEADING + 2)


def bracket(
    ax: Axes, left: float, right: float, y: float, depth: float, color: str = INK
) -> None:
    """A flat bracket from left to right; its ends reach `depth` from y (below 0: downwards)."""
    ax.plot(
        [left, left, right, right],
        [y + depth, y, y, y + depth],
        color=color,
        linewidth=LINE + 0.2,
        solid_joinstyle="round",
        solid_capstyle="round",
        zorder=3,
    )


def legend(
    ax: Axes, x: float, y: float, entries: Sequence[tuple[Style, bool, str, float]]
) -> None:
    """A row of small boxes (style, dashed, text, room it takes up) that names what they stand for."""
    for style, dashed, text, room in entries:
        box(ax, x + 0.15, y, 0.3, 0.2, style=style, dashed=dashed, radius=0.05)
        write(ax, x + 0.4, y, text, ha="left")
        x += room


def columns(first: float, pitch: float, count: int) -> list[float]:
    """The centres of evenly spaced columns."""
    return [first + pitch * index for index in range(count)]


# --------------------------------------------------------------------------------------
# The running example
# --------------------------------------------------------------------------------------

SRC = ["ein", "hund", "fängt", "den", "ball", "auf"]
TRG = ["<sos>", "a", "dog", "catches", "the", "ball", "<eos>"]


# --------------------------------------------------------------------------------------
# The figures
# --------------------------------------------------------------------------------------


def encoder_decoder() -> Figure:
    """The multi-layer LSTM encoder and decoder, unrolled over time."""
    figure, ax = canvas(8.5, 4.55, FINE)
    y_word, y_embedding, y_layers = 0.84, 1.36, (2.0, 2.68)
    y_output, y_prediction, y_heading = 3.3, 3.8, 4.24
    pitch, wide, high, half = 0.6, 0.38, 0.4, 0.32
    xs_encoder = columns(0.74, pitch, len(SRC))
    xs_decoder = columns(5.0, pitch, len(TRG) - 1)

    for xs, style, language in (
        (xs_encoder, ENCODER, "German"),
        (xs_decoder, DECODER, "English"),
    ):
        top = 3.0 if style is ENCODER else y_output + 0.25
        pale = Style("#f3f9fd" if style is ENCODER else "#fef6f0", style.edge)
        frame(ax, xs[0] - half, 1.12, xs[-1] + half, top, pale, linewidth=THIN)
        middle, length = (xs[0] + xs[-1]) / 2, xs[-1] - xs[0] + wide
        text = f"word embedding ({language})"
        box(ax, middle, y_embedding, length, 0.32, text, EMBEDDING)
        for index, x in enumerate(xs):
            arrow(ax, (x, y_word + 0.16), (x, y_embedding - 0.16))
            arrow(ax, (x, y_embedding + 0.16), (x, y_layers[0] - high / 2))
            arrow(ax, (x, y_layers[0] + high / 2), (x, y_layers[1] - high / 2))
            for y in y_layers:
                box(ax, x, y, wide, high, style=style)
                if index + 1 < len(xs):
                    arrow(ax, (x + wide / 2, y), (x + pitch - wide / 2, y))

    left, right = xs_encoder[0] - half, xs_decoder[0] - half
    bold = {"ha": "left", "weight": "bold"}
    for layer, y in enumerate(y_layers, 1):
        look = {"rotation": 90, "va": "center", "color": ENCODER.edge}
        write(ax, left - 0.14, y + 0.05, f"layer {layer}", **look)
    write(ax, left, 3.2, "encoder", HEADING, color=ENCODER.edge, **bold)
    write(ax, right, y_heading, "decoder", HEADING, color=DECODER.edge, **bold)

    # The source, read backwards
    for x, word in zip(xs_encoder, reversed(SRC), strict=True):
        token(ax, x, y_word, word, 0.58)
    first, last = xs_encoder[0] - 0.29, xs_encoder[-1] + 0.29
    arrow(ax, (last, 0.53), (first, 0.53), color=MUTED)
    note = "the sentence runs this way: it is read backwards"
    write(ax, (first + last) / 2, 0.3, note, color=MUTED)

    # The target: what goes in and what comes out
    first, last = xs_decoder[0], xs_decoder[-1]
    middle = (first + last) / 2
    box(ax, middle, y_output, last - first + wide, 0.32, "output layer", OUTPUT)
    for x, fed, said in zip(xs_decoder, TRG[:-1], TRG[1:], strict=True):
        token(ax, x, y_word, fed, 0.58, size=9.6)
        token(ax, x, y_prediction, said, 0.58, size=9.6)
        arrow(ax, (x, y_layers[1] + high / 2), (x, y_output - 0.16))
        arrow(ax, (x, y_output + 0.16), (x, y_prediction - 0.16))
    named(ax, middle, 0.44, "decoder_input", "what the decoder is fed")
    end = xs_decoder[-1] + half
    write(ax, end, y_heading, "what it predicts", ha="right", color=MUTED)

    # The context
    left, right = xs_encoder[-1] + half + 0.07, xs_decoder[0] - half - 0.07
    middle = (left + right) / 2
    frame(ax, left, 1.6, right, 3.08, CONTEXT)
    for y in y_layers:
        start, end = (xs_encoder[-1] + wide / 2, y), (xs_decoder[0] - wide / 2, y)
        arrow(ax, start, end, color=CONTEXT.edge, width=THICK - 0.4)
        write(ax, middle, y + 0.17, f"$h_{len(SRC)}$", TEXT)
        write(ax, middle, y - 0.15, f"$m_{len(SRC)}$", TEXT)
    arrow(ax, (middle, 3.08), (middle, 3.24), color=CONTEXT.edge, head=False)
    note = "context: final hidden state $h$ and\ncell state $m$ of both layers"
    write(ax, right, 3.46, note, ha="right", color=CONTEXT.edge)

    # What the arrows carry
    left = xs_encoder[0] - half
    look = {"ha": "left", "color": MUTED}
    arrow(ax, (left + 0.02, y_heading), (left + 0.26, y_heading))
    arrow(ax, (left + 0.14, 3.84), (left + 0.14, 4.08))
    write(ax, left + 0.4, y_heading, "from step to step: hidden and cell state", **look)
    write(ax, left + 0.4, 3.96, "up out of an LSTM layer: hidden state", **look)
    return figure


def lstm_cell() -> Figure:
    """One LSTM cell: three gates, the candidate, and the cell state along the top."""
    figure, ax = canvas(7.35, 4.55, FINE)
    left, right, bottom, top = 0.86, 6.6, 0.86, 4.36
    frame(ax, left, bottom, right, top, Style("#f8fafb", "#9aa1a9"), radius=0.2)
    y_cell, y_product, y_gate, y_bus = 3.84, 2.76, 1.86, 1.15
    x_join, x_forget, x_input, x_candidate, x_output = 1.1, 1.72, 2.96, 4.2, 5.44
    x_sum = (x_input + x_candidate) / 2
    r, high, wide = 0.17, 0.74, 1.16
    x_in, x_out = 0.66, 6.82
    state = CONTEXT.edge

    for x, name, function, style in (
        (x_forget, "forget gate", r"$\sigma$", GATE),
        (x_input, "input gate", r"$\sigma$", GATE),
        (x_candidate, "candidate", "tanh", Style(PLAIN.fill, GATE.edge)),
        (x_output, "output gate", r"$\sigma$", GATE),
    ):
        box(ax, x, y_gate, wide, high, style=style)
        write(ax, x, y_gate + 0.15, name, TEXT, weight="bold")
        write(ax, x, y_gate - 0.17, function, HEADING)

    # The way in: the old hidden state and the layer's input reach all four
    arrow(ax, (x_in, y_bus), (x_output, y_bus), (x_output, y_gate - high / 2))
    arrow(ax, (x_join, 0.62), (x_join, y_bus), head=False)
    for x in (x_forget, x_input, x_candidate):
        arrow(ax, (x, y_bus), (x, y_gate - high / 2))
    for x in (x_join, x_forget, x_input, x_candidate):
        ax.add_patch(Circle((x, y_bus), 0.045, color=INK, zorder=4))

    # The cell state, along the top
    arrow(ax, (x_in, y_cell), (x_forget - r, y_cell), color=state, width=THICK)
    arrow(ax, (x_forget + r, y_cell), (x_sum - r, y_cell), color=state, width=THICK)
    arrow(ax, (x_sum + r, y_cell), (x_out, y_cell), color=state, width=THICK)
    node(ax, x_forget, y_cell, r"$\times$")
    node(ax, x_sum, y_cell, r"$+$")
    arrow(ax, (x_forget, y_gate + high / 2), (x_forget, y_cell - r))
    write(ax, x_forget + 0.1, y_product, "$f_t$", HEADING + 1, ha="left")
    middle = (x_forget + x_sum) / 2
    write(ax, middle, y_cell + 0.18, "what is kept", TEXT, color=state)
    middle = (y_cell + y_product) / 2
    write(ax, x_sum + 0.1, middle, "what is new", TEXT, ha="left", color=MUTED)

    # What is new in the cell state
    node(ax, x_sum, y_product, r"$\times$")
    for x, side in ((x_input, -r), (x_candidate, r)):
        arrow(ax, (x, y_gate + high / 2), (x, y_product), (x_sum + side, y_product))
    arrow(ax, (x_sum, y_product + r), (x_sum, y_cell - r))
    write(ax, x_input - 0.1, y_product - 0.28, "$i_t$", HEADING + 1, ha="right")
    write(ax, x_candidate + 0.1, y_product - 0.28, "$g_t$", HEADING + 1, ha="left")

    # The way out
    y_tanh = (y_cell + y_product + r) / 2
    ax.add_patch(Circle((x_output, y_cell), 0.06, color=state, zorder=4))
    box(ax, x_output, y_tanh, 0.62, 0.3, "tanh", Style(CARD, INK), TEXT)
    arrow(ax, (x_output, y_cell), (x_output, y_tanh + 0.15))
    arrow(ax, (x_output, y_tanh - 0.15), (x_output, y_product + r))
    node(ax, x_output, y_product, r"$\times$")
    arrow(ax, (x_output, y_gate + high / 2), (x_output, y_product - r))
    write(ax, x_output - 0.1, y_product - 0.36, "$o_t$", HEADING + 1, ha="right")
    arrow(ax, (x_output + r, y_product), (x_out, y_product), width=THICK)

    # The symbols outside, and what they are called
    large = HEADING + 2
    write(ax, x_in - 0.04, y_cell, r"$m_{t{-}1}$", large, ha="right", color=state)
    write(ax, x_in - 0.04, y_bus, r"$h_{t{-}1}$", large, ha="right")
    write(ax, x_join, 0.42, "$a_t$", large)
    write(ax, x_join + 0.18, 0.42, "input", TEXT, ha="left", color=MUTED)
    write(ax, x_out + 0.06, y_cell, "$m_t$", large, ha="left", color=state)
    write(ax, x_out + 0.06, y_product, "$h_t$", large, ha="left")
    write(ax, right - 0.06, y_cell + 0.18, "cell state", ha="right", color=state)
    note = "hidden state"
    write(ax, right - 0.06, y_product + 0.18, note, ha="right", color=MUTED)
    write(ax, 2.4, 0.42, r"$\sigma$: between 0 and 1", TEXT, ha="left", color=MUTED)
    note = r"$\times$, $+$: element by element"
    write(ax, right, 0.42, note, TEXT, ha="right", color=MUTED)
    return figure


def fade(color: str, share: float) -> str:
    """The colour, mixed with white: a share of 1 leaves it, a share of 0 is white."""
    parts = [int(color[index : index + 2], 16) for index in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - share * (255 - part)):02x}" for part in parts)


def gradient_path() -> Figure:
    """The gradient on its way back: in a plain recurrence, and along a cell state."""
    figure, ax = canvas(7.2, 4.2, FINE)
    xs, x_loss, half = columns(0.5, 1.3, 5), 6.7, 0.23
    last = len(xs) - 1
    for y, symbol, title, label, factor, note, style in (
        (
            2.98,
            "h",
            "plain recurrence: the gradient fades",
            r"$\times\, U^{\mathsf{T}}\!\cdot\tanh^\prime$",
            0.5,
            "say, half is left at each step",
            ENCODER,
        ),
        (
            1.18,
            "m",
            "LSTM, cell state: the gradient stays",
            r"$\times\, f$",
            0.95,
            "forget gate near 1, say 0.95",
            CONTEXT,
        ),
    ):
        bold = {"ha": "left", "weight": "bold", "color": style.edge}
        write(ax, xs[0] - half, y + 0.82, title, HEADING, **bold)
        write(ax, x_loss + half, y + 0.82, note, ha="right", color=MUTED)
        starts = [*xs[1:], x_loss]
        for step, (x, start) in enumerate(zip(xs, starts, strict=True)):
            left = factor ** (last - step)  # of the gradient that came from the loss
            box(ax, x, y, 2 * half, 0.46, f"${symbol}_{step}$", style, HEADING)
            color, end = fade(DECODER.edge, 0.2 + 0.8 * left), (x + half + 0.04, y)
            arrow(ax, (start - half, y), end, color=color, width=1 + 6 * left)
            write(ax, x, y - 0.42, f"{left + 1e-9:.2f}")
            if step < last:
                write(ax, (x + start) / 2, y + 0.32, label)
        token(ax, x_loss, y, "loss", 2 * half)
    note = "below each state: the size of the gradient that arrives there"
    write(ax, xs[0] - half, 0.34, note, ha="left", color=MUTED)
    return figure


def output_and_hidden() -> Figure:
    """Which states `nn.LSTM` returns as `output`, as `hidden` and as `cell`."""
    figure, ax = canvas(7.25, 4.6, FINE)
    xs, ys = columns(1.24, 0.9, 4), (1.62, 2.74)
    x_cell, y_word = 6.68, 0.68
    wide, high, gap = 0.6, 0.5, 0.12
    last = len(xs)

    for layer, y in enumerate(ys, 1):
        write(ax, xs[0] - wide / 2 - 0.28, y, f"layer {layer}", ha="right")
        for step, x in enumerate(xs, 1):
            box(ax, x, y, wide, high, f"$h_{step}^{{({layer})}}$", ENCODER, TEXT + 1)
            below = y_word + 0.16 if layer == 1 else ys[0] + high / 2
            arrow(ax, (x, below), (x, y - high / 2))
            if step < last:
                arrow(ax, (x + wide / 2, y), (xs[step] - wide / 2, y))
        name = f"$m_{last}^{{({layer})}}$"
        box(ax, x_cell, y, wide, high, name, ENCODER, TEXT + 1)
    for step, x in enumerate(xs, 1):
        token(ax, x, y_word, f"$a_{step}$", 0.56, size=TEXT + 1)
        write(ax, x, y_word - 0.33, f"step {step}", color=MUTED)
    write(ax, x_cell, 0.84, "cell states\nof the last\nstep", color=MUTED)

    # The frames: `output` along the top layer, `hidden` and `cell` along the last step
    bottom, top = ys[0] - high / 2 - gap, ys[1] + high / 2 + 2 * gap
    seen, kept = Style("none", ATTENTION.edge), Style("none", CONTEXT.edge)
    left, edge = xs[0] - wide / 2 - 1.5 * gap, xs[-1] + wide / 2 + 2 * gap
    low, up = ys[1] - high / 2 - gap, ys[1] + high / 2 + gap
    frame(ax, left, low, edge, up, seen, linewidth=THICK, zorder=4)
    for x, name in ((xs[-1], "hidden"), (x_cell, "cell")):
        sides = x - wide / 2 - gap, bottom, x + wide / 2 + gap, top
        frame(ax, *sides, kept, linewidth=THICK, zorder=4)
        code(ax, x, top + 0.17, name, HEADING, color=kept.edge, weight="bold")

    look = {"ha": "left", "color": seen.edge}
    code(ax, left, 3.8, "output", HEADING, weight="bold", **look)
    write(ax, left, 3.56, "the top layer at every step", **look)
    code(ax, left, 3.33, "[batch size, length, hidden dim]", **look)

    bracket(ax, xs[-1], x_cell, 3.74, -0.1, color=kept.edge)
    middle = (xs[-1] + x_cell) / 2
    write(ax, middle, 4.2, "every layer at the last step", color=kept.edge)
    code(ax, middle, 3.95, "[layers, batch size, hidden dim]", color=kept.edge)

    # The corner that both share
    box(
        ax,
        xs[-1],
        ys[1],
        wide,
        high,
        style=Style("none", INK),
        linewidth=THICK,
        zorder=4,
    )
    inner = xs[-1] + wide / 2
    arrow(ax, (edge + 0.2, ys[1]), (inner, ys[1]), head=False, zorder=6)
    ax.add_patch(Circle((inner, ys[1]), 0.042, color=INK, zorder=6))
    code(ax, edge + 0.25, ys[1], "output[:, -1]\n== hidden[-1]", ha="left")
    note = "the same numbers\n(one direction,\nno padding)"
    write(ax, edge + 0.25, ys[1] - 0.62, note, ha="left", color=MUTED)
    return figure


def tensor_shapes() -> Figure:
    """The shapes of all tensors on their way through the model of tutorial 1."""
    figure, ax = canvas(6.7, 8.6, FINE)
    wide, high, x_left, x_right, inset = 2.92, 0.38, 1.75, 4.95, 0.3
    batch, layers, embedding_dim, hidden_dim = 128, 2, 256, 512
    src_length, trg_length, vocabulary_size = 12, 13, 5892
    src, trg = "[batch size, src length", "[batch size, trg length"

    def module(x: float, y: float, name: str, note: str, style: Style) -> None:
        """A part of the model: its name in the code, and what it is."""
        box(ax, x, y, wide, high, style=style)
        named(ax, x, y, name, note)

    def tensor(x: float, y: float, name: str) -> None:
        """A tensor that comes from outside or leaves the model."""
        box(ax, x, y, wide, high, style=TOKEN)
        code(ax, x, y, name, TEXT, weight="bold")

    def shape(
        x: float,
        top: float,
        bottom: float,
        names: str,
        *sizes: int,
        color: str,
    ) -> None:
        """An arrow from one part to the next, and the shape of what it carries."""
        x -= wide / 2 - inset
        arrow(ax, (x, top - high / 2), (x, bottom + high / 2))
        lines = f"{names}\n[{', '.join(map(str, sizes))}]".split("\n")
        middle = (top + bottom) / 2
        for index, line in enumerate(lines):
            y = middle + 0.21 * ((len(lines) - 1) / 2 - index)
            last = index + 1 == len(lines)
            look = {"weight": "bold", "color": color} if last else {}
            code(ax, x + 0.16, y, line, ha="left", **look)

    # The encoder
    ys = y_src, y_embedding, y_pack, y_lstm = 7.72, 6.78, 5.62, 5.0
    y_context = 3.86
    color = ENCODER.edge
    frame(ax, 0.17, y_lstm - 0.3, 3.33, 8.44, Style("#f3f9fd", color), linewidth=THIN)
    look = {"ha": "left", "weight": "bold"}
    write(ax, 0.29, 8.2, "encoder", HEADING, color=color, **look)
    tensor(x_left, y_src, "src")
    module(x_left, y_embedding, "WordEmbedding", "German", EMBEDDING)
    module(x_left, y_pack, "pack_padded_sequence", "no <pad>", ENCODER)
    module(x_left, y_lstm, "lstm", f"LSTM, {layers} layers", ENCODER)
    sizes = batch, src_length
    shape(x_left, *ys[:2], f"{src}]", *sizes, color=color)
    names = f"{src},\n embedding dim]"
    shape(x_left, *ys[1:3], names, *sizes, embedding_dim, color=color)
    x = x_left - wide / 2 + inset
    arrow(ax, (x, y_pack - high / 2), (x, y_lstm + high / 2))

    # The context
    color, half = CONTEXT.edge, 0.6
    arrow(ax, (x, y_lstm - high / 2), (x, y_context + half), color=color, width=THICK)
    frame(ax, 0.29, y_context - half, 3.21, y_context + half, CONTEXT, zorder=3)
    write(ax, 0.44, y_context + 0.36, "context", TEXT, color=color, **look)
    code(ax, 3.06, y_context + 0.36, "(hidden, cell)", TEXT, ha="right")
    lines = "each [layers, batch size,\n      hidden dim]"
    code(ax, 0.44, y_context - 0.03, lines, ha="left")
    numbers = f"[{layers}, {batch}, {hidden_dim}]"
    code(ax, 0.44 + 5 * 0.0836, y_context - 0.37, numbers, color=color, **look)

    # The decoder
    y_embedding, y_read_out, y_output, y_logits = 5.02, 2.7, 1.54, 0.42
    ys = y_input, *_ = 5.96, y_embedding, y_context, y_read_out, y_output, y_logits
    color = DECODER.edge
    frame(ax, 3.37, 0.14, 6.53, 6.68, Style("#fef6f0", color), linewidth=THIN)
    write(ax, 3.51, 6.44, "decoder", HEADING, color=color, **look)
    tensor(x_right, y_input, "decoder_input")
    module(x_right, y_embedding, "WordEmbedding", "English", EMBEDDING)
    module(x_right, y_context, "lstm", f"LSTM, {layers} layers", DECODER)
    module(x_right, y_read_out, "read_out", "Linear + tanh", OUTPUT)
    module(x_right, y_output, "output_layer", "Linear", OUTPUT)
    tensor(x_right, y_logits, "logits")
    sizes = batch, trg_length
    shape(x_right, *ys[:2], f"{trg}]", *sizes, color=color)
    for index, (name, size) in enumerate(
        (
            ("embedding dim", embedding_dim),
            ("hidden dim", hidden_dim),
            ("embedding dim", embedding_dim),
            ("vocabulary size", vocabulary_size),
        ),
        1,
    ):
        names = f"{trg},\n {name}]"
        shape(x_right, *ys[index : index + 2], names, *sizes, size, color=color)
    start, end = (3.21, y_context), (x_right - wide / 2, y_context)
    arrow(ax, start, end, color=CONTEXT.edge, width=THICK)

    # The numbers
    for index, (name, size) in enumerate(
        (
            ("batch size", batch),
            ("src length", src_length),
            ("trg length", trg_length),
            ("embedding dim", embedding_dim),
            ("hidden dim", hidden_dim),
            ("layers", layers),
            ("vocabulary size", vocabulary_size),
        )
    ):
        y = 2.1 - 0.24 * index
        code(ax, 0.3, y, name, ha="left")
        code(ax, 2.6, y, str(size), ha="right", weight="bold")
    write(ax, 0.3, 2.44, "the sizes in this example", TEXT, ha="left", color=MUTED)
    note = "beside each arrow the shape\nof the tensor, and its size\n"
    note += f"in one batch of {batch} pairs"
    write(ax, x_right, 7.68, note, TEXT, color=MUTED)
    return figure


def teacher_forcing() -> Figure:
    """`trg` cut in two, and the decoder with teacher forcing and without."""
    figure, ax = canvas(6.9, 6.9, FINE)
    wide, x_label, left, right = 0.66, 1.42, 0.18, 6.72
    xs = columns(1.88, 0.74, len(TRG))
    y_trg = 6.21
    wrong = {
        "style": Style(CARD, DECODER.edge),
        "dashed": True,
        "linewidth": LINE + 0.2,
    }
    pale = Style("#fbfcfd", CARD_EDGE)

    def word(x: float, y: float, text: str, right: str) -> None:
        """A word, marked where it is not the right one."""
        token(ax, x, y, text, wide, **({} if text == right else wrong))

    def panel(bottom: float, top: float, heading: str, note: str) -> None:
        """The frame of one way to feed the decoder, and what stands at its top."""
        frame(ax, left, bottom, right, top, pale, linewidth=THIN)
        style = {"ha": "left", "weight": "bold", "color": DECODER.edge}
        write(ax, left + 0.14, top - 0.24, heading, HEADING, **style)
        write(ax, right - 0.14, top - 0.24, note, ha="right", color=MUTED)

    def unroll(
        xs: Sequence[float],
        y_fed: float,
        fed: Sequence[str],
        said: Sequence[str],
    ) -> tuple[float, float]:
        """The decoder over time, with the words that go in and those that come out."""
        y_decoder, y_said = y_fed + 0.58, y_fed + 1.16
        for index, x in enumerate(xs):
            box(ax, x, y_decoder, 0.42, 0.38, style=DECODER)
            word(x, y_fed, fed[index], TRG[index])
            word(x, y_said, said[index], TRG[index + 1])
            arrow(ax, (x, y_fed + 0.16), (x, y_decoder - 0.19))
            arrow(ax, (x, y_decoder + 0.19), (x, y_said - 0.16))
            if index + 1 < len(xs):
                arrow(ax, (x + 0.21, y_decoder), (xs[index + 1] - 0.21, y_decoder))
        code(ax, x_label, y_fed, "decoder_input", ha="right")
        write(ax, x_label, y_decoder, "decoder", ha="right")
        write(ax, x_label, y_said, "predicted", ha="right")
        return y_decoder, y_said

    # trg and its two parts
    code(ax, x_label, y_trg, "trg", TEXT, ha="right", weight="bold")
    for x, text in zip(xs, TRG, strict=True):
        token(ax, x, y_trg, text, wide)
    for part, name, side in (
        (xs[1:], "expected = trg[:, 1:]", 1),
        (xs[:-1], "decoder_input = trg[:, :-1]", -1),
    ):
        ends = part[0] - wide / 2, part[-1] + wide / 2
        bracket(ax, *ends, y_trg + 0.28 * side, -0.07 * side)
        code(ax, sum(ends) / 2, y_trg + 0.44 * side, name, TEXT)

    # With teacher forcing
    y_fed = 3.1
    note = "the right word is fed, whatever was predicted"
    panel(y_fed - 0.28, y_fed + 2.4, "teacher forcing", note)
    said = ["cat" if text == "dog" else text for text in TRG[1:]]
    _, y_said = unroll(xs[:-1], y_fed, TRG[:-1], said)
    y_expected = y_said + 0.58
    code(ax, x_label, y_expected, "expected", ha="right")
    for x, text in zip(xs, TRG[1:], strict=False):
        token(ax, x, y_expected, text, wide)
        arrow(ax, (x, y_said + 0.16), (x, y_expected - 0.16), both=True)

    # Without
    y_fed = 0.87
    note = "its own prediction is fed, right or wrong"
    panel(y_fed - 0.28, y_fed + 1.82, "without teacher forcing", note)
    xs, said = columns(xs[0], 1.23, 4), ["a", "cat", "sleeps", "<eos>"]
    _, y_said = unroll(xs, y_fed, ["<sos>", *said[:-1]], said)
    look = {"color": DECODER.edge, "width": LINE + 0.4, "zorder": 2.5}
    for x, after in pairwise(xs):
        start, end = (x + wide / 2, y_said), (after - wide / 2, y_fed)
        between = (x + after) / 2
        arrow(ax, start, (between, y_said), (between, y_fed), end, **look)

    # The key
    y = 0.29
    token(ax, 0.5, y, "cat", 0.5, **wrong)
    write(ax, 0.85, y, "not the word that trg has there", ha="left", color=MUTED)
    arrow(ax, (3.9, y - 0.14), (3.9, y + 0.14), both=True)
    write(ax, 4.08, y, "the loss of this step", ha="left", color=MUTED)
    return figure


def padding() -> Figure:
    """A padded batch, and the three guards that keep <pad> from doing harm."""
    figure, ax = canvas(6.9, 4.5, FINE)
    batch = [SRC, ["zwei", "kinder", "lachen"], ["ein", "mann", "liest", "im", "park"]]
    lengths = [len(sentence) for sentence in batch]
    # with <eos>: "two children laugh", "a man reads in the park"
    trg_lengths = [len(TRG) - 1, 4, 7]
    xs, ys = columns(1.35, 0.72, max(lengths)), (3.74, 3.34, 2.94)

    code(ax, xs[0] - 0.5, ys[1], "src", TEXT, ha="right", weight="bold")
    note = "every sentence is padded to the longest of its batch"
    write(ax, (xs[0] + xs[-1]) / 2, ys[0] + 0.4, note, color=MUTED)
    code(ax, xs[-1] + 1.0, ys[0] + 0.4, "src_lengths")
    for sentence, y in zip(batch, ys, strict=True):
        for index, x in enumerate(xs):
            if index < len(sentence):
                token(ax, x, y, sentence[index], 0.65)
            else:
                token(ax, x, y, "<pad>", 0.65, style=PAD)
        code(ax, xs[-1] + 1.0, y, str(len(sentence)), TEXT)

    # The three guards
    cell, pitch, wide, bottom, top = 0.22, 0.255, 2.08, 0.2, 2.5
    encoder = "the encoder never sees\na <pad> of src"
    attention = "attention gives no weight\nto a <pad> of src"
    loss = "the loss leaves out\nevery <pad> of trg"
    guards = (
        ("packing", "encoder", ENCODER, lengths, encoder),
        ("mask", "attention (tutorial 3)", ATTENTION, lengths, attention),
        ("ignore_index", "loss", OUTPUT, trg_lengths, loss),
    )
    for index, (name, place, style, rows, text) in enumerate(guards):
        x = 3.45 + (index - 1) * 2.2
        left = x - wide / 2
        frame(ax, left, bottom, x + wide / 2, top, Style(CARD, style.edge))
        label = code if "_" in name else write
        look = {"ha": "left", "weight": "bold", "color": style.edge}
        label(ax, left + 0.16, top - 0.24, name, HEADING, **look)
        write(ax, left + 0.16, top - 0.5, place, ha="left", color=MUTED)
        most = max(rows)
        for row, length in enumerate(rows):
            spots = columns(x - (most - 1) * pitch / 2, pitch, most)
            for column, spot in enumerate(spots):
                real = column < length
                look = {
                    "style": style if real else Style(CARD, FAINT),
                    "dashed": not real,
                }
                mark = str(int(real)) if name == "mask" else ""
                y = 1.66 - row * pitch
                box(ax, spot, y, cell, cell, mark, radius=0.04, linewidth=THIN, **look)
        write(ax, x, 0.56, text)
    return figure


# For beam search: the probability of each next word after what stands so far. Words not listed are less
# likely than those that are.
PREFIX, PREFIX_LOG_PROB = TRG[:4], -0.40
NEXT_WORD = {
    (): {"up": 0.45, "the": 0.40, "it": 0.10},
    ("up",): {"<eos>": 0.45, "the": 0.30},
    ("the",): {"ball": 0.80, "red": 0.08},
    ("the", "ball"): {"<eos>": 0.85, "and": 0.08},
}
BEAM_WIDTH = 2


@dataclass
class Hypothesis:
    """Words after the prefix, with the log-probability of the prefix and all of them."""

    words: tuple[str, ...]
    step: float
    total: float
    kept: bool = False
    children: list[Hypothesis] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether the sentence has come to its end."""
        return self.words[-1:] == ("<eos>",)

    @property
    def length(self) -> int:
        """The number of words, with <eos> and without <sos>."""
        return len(PREFIX) - 1 + len(self.words)

    def expand(self) -> list[Hypothesis]:
        """Add one child for every next word. The logarithms are rounded, so that what is shown adds up."""
        for word, probability in NEXT_WORD[self.words].items():
            step = round(math.log(probability), 2)
            self.children.append(
                Hypothesis((*self.words, word), step, round(self.total + step, 2))
            )
        return self.children


def search() -> tuple[Hypothesis, list[Hypothesis], list[Hypothesis]]:
    """Search the table: the root of the tree, the final beam (best first) and the greedy path."""
    root = Hypothesis((), 0.0, PREFIX_LOG_PROB, kept=True)
    beam = [root]
    while not all(hypothesis.finished for hypothesis in beam):
        candidates = []
        for hypothesis in beam:
            candidates += [hypothesis] if hypothesis.finished else hypothesis.expand()
        beam = sorted(
            candidates, key=lambda hypothesis: hypothesis.total, reverse=True
        )[:BEAM_WIDTH]
        for hypothesis in beam:
            hypothesis.kept = True
    greedy = [root]
    while not greedy[-1].finished:
        greedy.append(max(greedy[-1].children, key=lambda hypothesis: hypothesis.step))
    beam.sort(key=lambda hypothesis: hypothesis.total / hypothesis.length, reverse=True)
    if greedy[-1] is beam[0] or greedy[-1].total >= max(
        hypothesis.total for hypothesis in beam
    ):
        raise ValueError(
            "with these probabilities beam search does no better than greedy search"
        )
    return root, beam, greedy


def number(value: float, decimals: int = 2) -> str:
    """Two decimals unless told otherwise, with a proper minus sign."""
    return f"{value:.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def beam_search() -> Figure:
    """Beam search of size 2 as a tree, with every sum of log probabilities."""
    figure, ax = canvas(7.6, 5.7, FINE)
    root, beam, greedy = search()
    wide, high, row_height, y_top = 0.92, 0.5, 0.68, 4.78
    xs = [0.86, 2.66, 4.26, 5.86]
    widths = [1.34, wide, wide, wide]
    rows = 0
    spots: dict[int, Point] = {}

    def place(hypothesis: Hypothesis) -> float:
        """Give a hypothesis its place: leaves in rows, parents at their middle."""
        nonlocal rows
        if hypothesis.children:
            heights = [place(child) for child in hypothesis.children]
            y = (heights[0] + heights[-1]) / 2
        else:
            y = y_top - rows * row_height
            rows += 1
        spots[id(hypothesis)] = (xs[len(hypothesis.words)], y)
        return y

    def draw(hypothesis: Hypothesis) -> None:
        """Draw a hypothesis and all that grows out of it."""
        x, y = spots[id(hypothesis)]
        depth = len(hypothesis.words)
        style = DECODER if hypothesis.kept else Style(CARD, FAINT)
        color = INK if hypothesis.kept else MUTED
        box(ax, x, y, widths[depth], high, style=style, dashed=not hypothesis.kept)
        if hypothesis.finished and hypothesis.kept:
            ring = Style("none", DECODER.edge)
            box(ax, x, y, wide + 0.12, high + 0.12, style=ring, radius=0.11)
        words = " ".join(hypothesis.words[-1:] or PREFIX[1:])
        write(ax, x, y + 0.11, words, TEXT, weight="bold", color=color)
        write(ax, x, y - 0.13, number(hypothesis.total), color=color)
        for child in hypothesis.children:
            end_x, end_y = spots[id(child)]
            start = (x + widths[depth] / 2, y)
            ringed = child.finished and child.kept
            end = (end_x - wide / 2 - (0.06 if ringed else 0), end_y)
            on_path = child in greedy
            turn = start[0] + 0.12
            level = abs(end_y - y) <= 0.01
            points = [start, end] if level else [start, (turn, y), (turn, end_y), end]
            arrow(
                ax,
                *points,
                color=INK if child.kept else FAINT,
                dashed=not child.kept,
                width=THICK if on_path else LINE,
                zorder=2.5 if child.kept else 2,
            )
            middle = (turn + end[0]) / 2 + 0.01
            color = INK if child.kept else MUTED
            write(ax, middle, end_y + 0.14, number(child.step), 9.5, color=color)
            draw(child)

    place(root)
    draw(root)

    headings = ("so far", "step 1", "step 2", "step 3")
    for x, text in zip(xs, headings, strict=True):
        write(ax, x, 5.38, text, HEADING, weight="bold", color=DECODER.edge)
    for hypothesis in beam:
        x, y = spots[id(hypothesis)]
        left = x + wide / 2 + 0.14
        total = f"{number(hypothesis.total)} / {hypothesis.length}"
        score = number(hypothesis.total / hypothesis.length)
        if hypothesis is greedy[-1]:
            write(ax, left, y + 0.12, "greedy search", ha="left", weight="bold")
            write(ax, left, y - 0.12, f"{total} = {score}", ha="left")
        else:  # there is less room
            write(ax, left, y + 0.22, "beam search", ha="left", weight="bold")
            write(ax, left, y - 0.12, f"{total}\n= {score}", ha="left")

    # The key
    y = 0.3
    kept = f"kept (beam size {BEAM_WIDTH})"
    boxes = [(DECODER, False, kept, 2.08), (Style(CARD, FAINT), True, "dropped", 1.25)]
    legend(ax, 0.2, y, boxes)
    box(ax, 3.75, y, 0.3, 0.16, style=DECODER, radius=0.04)
    box(ax, 3.75, y, 0.4, 0.26, style=Style("none", DECODER.edge), radius=0.07)
    write(ax, 4.03, y, "finished", ha="left")
    arrow(ax, (5.0, y), (5.32, y), width=THICK)
    write(ax, 5.42, y, "greedy choice", ha="left")
    for line, text in enumerate(
        (
            "on an arrow: log probability of the word",
            "in a box: sum of the log probabilities",
            "at an end: score = sum / power of the length",
            "(length penalty, here power 1; <eos> counts)",
        )
    ):
        write(ax, 3.6, 1.62 - 0.24 * line, text, ha="left", color=MUTED)
    return figure


def gru_cell() -> Figure:
    """One cell of nn.GRU: two gates, the candidate, and the hidden state that runs along the top."""
    figure, ax = canvas(7.8, 4.75, FINE)
    left, right, bottom, top = 0.92, 7.06, 0.86, 4.56
    frame(ax, left, bottom, right, top, Style("#f8fafb", "#9aa1a9"), radius=0.2)
    y_state, y_share, y_gate, y_linear, y_hidden, y_input = (
        4.04,
        3.16,
        2.3,
        1.72,
        1.36,
        1.1,
    )
    x_join, x_update, x_reset, x_scale, x_candidate = 1.2, 2.05, 3.4, 4.62, 5.8
    r, high, wide, aside = 0.17, 0.74, 1.16, 0.3
    x_in, x_out = 0.72, 7.24
    state = CONTEXT.edge

    for x, name, function, style in (
        (x_update, "update gate", r"$\sigma$", GATE),
        (x_reset, "reset gate", r"$\sigma$", GATE),
        (x_candidate, "candidate", "tanh", Style(PLAIN.fill, GATE.edge)),
    ):
        box(ax, x, y_gate, wide, high, style=style)
        write(ax, x, y_gate + 0.15, name, TEXT, weight="bold")
        write(ax, x, y_gate - 0.17, function, HEADING)

    # The way in: the layer's input reaches all three, the old hidden state only the gates directly
    arrow(
        ax,
        (x_join, 0.62),
        (x_join, y_input),
        (x_candidate, y_input),
        (x_candidate, y_gate - high / 2),
    )
    for x in (x_update + aside, x_reset + aside):
        arrow(ax, (x, y_input), (x, y_gate - high / 2))
        ax.add_patch(Circle((x, y_input), 0.045, color=INK, zorder=4))
    arrow(
        ax,
        (x_join, y_state),
        (x_join, y_hidden),
        (x_scale, y_hidden),
        (x_scale, y_linear - 0.15),
        color=state,
    )
    for x in (x_update - aside, x_reset - aside):
        arrow(ax, (x, y_hidden), (x, y_gate - high / 2), color=state)
        ax.add_patch(Circle((x, y_hidden), 0.045, color=state, zorder=4))

    # What the candidate gets of the old hidden state: first the product with the weights, then the reset gate
    box(
        ax,
        x_scale,
        y_linear,
        1.12,
        0.3,
        r"$U_g h_{t{-}1} + d_g$",
        Style(CARD, INK),
        TEXT,
    )
    arrow(ax, (x_scale, y_linear + 0.15), (x_scale, y_gate - r))
    node(ax, x_scale, y_gate, r"$\times$")
    arrow(ax, (x_reset + wide / 2, y_gate), (x_scale - r, y_gate))
    arrow(ax, (x_scale + r, y_gate), (x_candidate - wide / 2, y_gate))
    write(
        ax, (x_reset + wide / 2 + x_scale - r) / 2, y_gate + 0.18, "$r_t$", HEADING + 1
    )

    # The hidden state, along the top
    arrow(ax, (x_in, y_state), (x_update - r, y_state), color=state, width=THICK)
    arrow(
        ax,
        (x_update + r, y_state),
        (x_candidate - r, y_state),
        color=state,
        width=THICK,
    )
    arrow(ax, (x_candidate + r, y_state), (x_out, y_state), color=state, width=THICK)
    ax.add_patch(Circle((x_join, y_state), 0.06, color=state, zorder=4))
    node(ax, x_update, y_state, r"$\times$")
    node(ax, x_candidate, y_state, r"$+$")
    write(
        ax,
        (x_update + x_candidate) / 2,
        y_state + 0.18,
        "what is kept",
        TEXT,
        color=state,
    )
    write(
        ax,
        x_candidate - 0.12,
        (y_state + y_share) / 2,
        "what is new",
        TEXT,
        ha="right",
        color=MUTED,
    )

    # The update gate shares out: so much of the old, the rest of the new
    x_rest = (x_update + x_reset) / 2 + 0.2
    arrow(ax, (x_update, y_gate + high / 2), (x_update, y_state - r))
    ax.add_patch(Circle((x_update, y_share), 0.045, color=INK, zorder=4))
    arrow(ax, (x_update, y_share), (x_rest - 0.31, y_share))
    box(ax, x_rest, y_share, 0.62, 0.3, r"$1 -$", Style(CARD, INK), TEXT)
    arrow(ax, (x_rest + 0.31, y_share), (x_candidate - r, y_share))
    node(ax, x_candidate, y_share, r"$\times$")
    write(
        ax,
        x_update - 0.1,
        (y_gate + high / 2 + y_share) / 2,
        "$z_t$",
        HEADING + 1,
        ha="right",
    )
    write(ax, x_rest + 0.47, y_share + 0.2, r"$1 - z_t$", HEADING + 1, ha="left")
    arrow(ax, (x_candidate, y_gate + high / 2), (x_candidate, y_share - r))
    arrow(ax, (x_candidate, y_share + r), (x_candidate, y_state - r))
    write(
        ax,
        x_candidate - 0.12,
        (y_gate + high / 2 + y_share - r) / 2,
        "$g_t$",
        HEADING + 1,
        ha="right",
    )

    # The symbols outside, and what they are called
    large = HEADING + 2
    write(ax, x_in - 0.04, y_state, r"$h_{t{-}1}$", large, ha="right", color=state)
    write(ax, x_join, 0.42, "$a_t$", large)
    write(ax, x_join + 0.18, 0.42, "input", TEXT, ha="left", color=MUTED)
    write(ax, x_out + 0.06, y_state, "$h_t$", large, ha="left", color=state)
    write(ax, right - 0.06, y_state + 0.18, "hidden state", ha="right", color=state)
    write(ax, 2.5, 0.42, r"$\sigma$: between 0 and 1", TEXT, ha="left", color=MUTED)
    note = r"$\times$, $+$: element by element"
    write(ax, right, 0.42, note, TEXT, ha="right", color=MUTED)
    return figure


def context_at_every_step() -> Figure:
    """A bidirectional GRU encoder and a GRU decoder that is handed the context at every step."""
    figure, ax = canvas(10.75, 4.83)
    y_word, y_embedding, y_forward, y_backward, y_squash, y_context = (
        0.81,
        1.38,
        2.08,
        2.8,
        3.54,
        4.38,
    )
    y_decoder, y_bus, y_output, y_prediction = 2.08, 2.82, 3.54, 4.12
    pitch, wide, high, aside = 0.69, 0.36, 0.44, 0.11
    xs_encoder, xs_decoder = (
        columns(1.6, pitch, len(SRC)),
        columns(6.71, pitch, len(TRG) - 1),
    )
    state = CONTEXT.edge

    # The encoder: the embeddings go to both directions
    left, right = xs_encoder[0] - 0.6, xs_encoder[-1] + 0.6
    frame(ax, left, 1.13, right, 3.82, Style("#f3f9fd", ENCODER.edge), linewidth=THIN)
    middle = (xs_encoder[0] + xs_encoder[-1]) / 2
    box(
        ax,
        middle,
        y_embedding,
        xs_encoder[-1] - xs_encoder[0] + 0.66,
        0.32,
        "embedding (German)",
        EMBEDDING,
    )
    for index, (x, word) in enumerate(zip(xs_encoder, SRC, strict=True)):
        token(ax, x, y_word, word, 0.65)
        arrow(ax, (x, y_word + 0.16), (x, y_embedding - 0.16))
        arrow(ax, (x + aside, y_embedding + 0.16), (x + aside, y_forward - high / 2))
        arrow(
            ax,
            (x - aside - 0.07, y_embedding + 0.16),
            (x - aside - 0.07, y_backward - high / 2),
        )
        box(ax, x + aside, y_forward, wide, high, style=ENCODER)
        box(ax, x - aside, y_backward, wide, high, style=BACKWARD)
        if index + 1 < len(SRC):
            arrow(
                ax,
                (x + aside + wide / 2, y_forward),
                (x + pitch + aside - wide / 2, y_forward),
            )
            arrow(
                ax,
                (x + pitch - aside - wide / 2, y_backward),
                (x - aside + wide / 2, y_backward),
            )
    for name, y in (("forward", y_forward), ("backward", y_backward)):
        write(ax, left - 0.08, y, f"GRU\n{name}", ha="right", color=ENCODER.edge)
    write(
        ax, left, 4.01, "encoder", HEADING, ha="left", color=ENCODER.edge, weight="bold"
    )

    # Both final states become one context
    box(ax, middle, y_squash, right - left - 0.14, 0.32, "tanh layer", CONTEXT)
    for x, y, out, turn in (
        (xs_encoder[-1] + aside, y_forward, wide / 2, right - 0.16),
        (xs_encoder[0] - aside, y_backward, -wide / 2, left + 0.16),
    ):
        arrow(
            ax,
            (x + out, y),
            (turn, y),
            (turn, y_squash - 0.16),
            color=state,
            width=THICK - 0.4,
        )
    x_context = right - 0.6
    arrow(
        ax,
        (x_context, y_squash + 0.16),
        (x_context, y_context - 0.18),
        color=state,
        width=THICK - 0.4,
    )
    box(ax, x_context, y_context, 0.42, 0.36, "$c$", CONTEXT, HEADING)
    note = "context: one vector for\nthe whole sentence"
    write(ax, x_context - 0.33, y_context, note, ha="right", color=state)

    # The decoder
    x_left, x_right = xs_decoder[0] - 0.4, xs_decoder[-1] + 0.44
    frame(
        ax,
        x_left,
        1.13,
        x_right,
        y_output + 0.28,
        Style("#fef6f0", DECODER.edge),
        linewidth=THIN,
    )
    centre, span = (
        (xs_decoder[0] + xs_decoder[-1]) / 2,
        xs_decoder[-1] - xs_decoder[0] + 0.7,
    )
    box(ax, centre, y_embedding, span, 0.32, "embedding (English)", EMBEDDING)
    box(ax, centre, y_output, span, 0.32, "read-out and output layer", OUTPUT)
    for index, (x, fed, said) in enumerate(
        zip(xs_decoder, TRG[:-1], TRG[1:], strict=True)
    ):
        token(ax, x, y_word, fed, 0.65)
        token(ax, x, y_prediction, said, 0.65)
        arrow(ax, (x, y_word + 0.16), (x, y_embedding - 0.16))
        arrow(ax, (x, y_embedding + 0.16), (x, y_decoder - 0.23))
        box(ax, x, y_decoder, 0.42, 0.46, style=DECODER)
        arrow(
            ax,
            (x + 0.28, y_embedding + 0.16),
            (x + 0.28, y_output - 0.16),
            color=EMBEDDING.edge,
        )
        arrow(ax, (x - 0.1, y_decoder + 0.23), (x - 0.1, y_output - 0.16))
        arrow(ax, (x, y_output + 0.16), (x, y_prediction - 0.16))
        if index + 1 < len(xs_decoder):
            arrow(ax, (x + 0.21, y_decoder), (x + pitch - 0.21, y_decoder))
    write(
        ax,
        x_left,
        4.46,
        "decoder",
        HEADING,
        ha="left",
        color=DECODER.edge,
        weight="bold",
    )
    write(ax, x_right, 4.46, "what the decoder predicts", ha="right", color=MUTED)
    write(ax, centre, 0.43, "what the decoder is fed", color=MUTED)
    write(ax, middle, 0.43, "read in both directions", color=MUTED)

    # The context reaches the first hidden state, every step and every read-out
    x_gap = (right + x_left) / 2
    y_start = 2.5
    arrow(
        ax,
        (x_context + 0.21, y_context),
        (x_gap, y_context),
        (x_gap, y_start),
        color=state,
        width=THICK - 0.4,
    )
    box(ax, x_gap, y_start - 0.15, 0.5, 0.3, "tanh", CONTEXT)
    start = [
        (x_gap, y_start - 0.3),
        (x_gap, y_decoder),
        (xs_decoder[0] - 0.21, y_decoder),
    ]
    arrow(ax, *start, color=state, width=THICK - 0.4)
    write(ax, x_gap, 1.64, "first\nhidden\nstate $s_0$", color=state)
    last = xs_decoder[-1] + 0.1
    arrow(ax, (x_gap, y_bus), (last, y_bus), color=state, width=THICK - 0.4, head=False)
    ax.add_patch(Circle((x_gap, y_bus), 0.06, color=state, zorder=4))
    for x in xs_decoder:
        ax.add_patch(Circle((x + 0.1, y_bus), 0.06, color=state, zorder=4))
        arrow(
            ax,
            (x + 0.1, y_bus),
            (x + 0.1, y_decoder + 0.23),
            color=state,
            width=THICK - 0.4,
        )
        arrow(
            ax,
            (x + 0.1, y_bus),
            (x + 0.1, y_output - 0.16),
            color=state,
            width=THICK - 0.4,
        )
    return figure


def bidirectional() -> Figure:
    """Which states a bidirectional `nn.GRU` returns as `output` and as `hidden`."""
    figure, ax = canvas(9.9, 4.95)
    words = ["ein", "hund", "fängt", "bälle"]
    xs, y_word, y_forward, y_backward, y_output = (
        columns(1.9, 1.14, len(words)),
        0.55,
        1.42,
        2.42,
        3.5,
    )
    wide, high, half = 0.48, 0.48, 0.24
    last = len(words)
    seen, kept = Style("none", ATTENTION.edge), Style("none", CONTEXT.edge)

    def state(
        x: float, y: float, step: int, forward: bool, radius: float = ROUND
    ) -> None:
        """One hidden state of one direction."""
        name = rf"$\over{'right' if forward else 'left'}arrow{{h}}_{step}$"
        box(
            ax,
            x,
            y,
            wide,
            high,
            name,
            ENCODER if forward else BACKWARD,
            TEXT + 1,
            radius,
        )

    for step, (x, word) in enumerate(zip(xs, words, strict=True), 1):
        token(ax, x, y_word, word, 0.86)
        for y, side, forward in ((y_forward, -half, True), (y_backward, half, False)):
            arrow(ax, (x + side, y_word + 0.16), (x + side, y - high / 2))
            arrow(ax, (x + side, y + high / 2), (x + side, y_output - high / 2))
            state(x + side, y, step, forward)
            state(x + side, y_output, step, forward, 0.02)
        if step < last:
            after = xs[step]
            arrow(
                ax,
                (x - half + wide / 2, y_forward),
                (after - half - wide / 2, y_forward),
            )
            arrow(
                ax,
                (after + half - wide / 2, y_backward),
                (x + half + wide / 2, y_backward),
            )
    for name, y in (("forward", y_forward), ("backward", y_backward)):
        write(ax, xs[0] - 0.72, y, name, ha="right")

    # `output`: both directions at every word
    left, right = xs[0] - 0.62, xs[-1] + 0.62
    frame(
        ax, left, y_output - 0.4, right, y_output + 0.4, seen, linewidth=THICK, zorder=4
    )
    code(ax, left, 4.62, "output", HEADING, ha="left", color=seen.edge, weight="bold")
    write(
        ax,
        left,
        4.36,
        "both directions side by side, at every word",
        ha="left",
        color=seen.edge,
    )
    code(
        ax,
        left,
        4.1,
        "[batch size, length, 2 * hidden dim]",
        ha="left",
        color=seen.edge,
    )

    # `hidden`: where each direction ends
    x_hidden = 6.75
    frame(
        ax,
        x_hidden - 0.4,
        y_forward - 0.4,
        x_hidden + 0.4,
        y_backward + 0.4,
        kept,
        linewidth=THICK,
        zorder=4,
    )
    state(x_hidden, y_backward, last, True)  # row 0 stands on top, as when printed
    state(x_hidden, y_forward, 1, False)
    box(
        ax,
        xs[-1] - half,
        y_forward,
        wide,
        high,
        style=Style("none", kept.edge),
        linewidth=THICK,
        zorder=4,
    )
    box(
        ax,
        xs[0] + half,
        y_backward,
        wide,
        high,
        style=Style("none", kept.edge),
        linewidth=THICK,
        zorder=4,
    )
    left = x_hidden + 0.53
    code(
        ax,
        x_hidden - 0.4,
        3.52,
        "hidden",
        HEADING,
        ha="left",
        color=kept.edge,
        weight="bold",
    )
    write(
        ax,
        x_hidden - 0.4,
        3.26,
        "each direction where it ends",
        ha="left",
        color=kept.edge,
    )
    code(
        ax,
        x_hidden - 0.4,
        3.0,
        "[2, batch size, hidden dim]",
        ha="left",
        color=kept.edge,
    )
    for row, y, same, note in (
        (0, y_backward, "output[:, -1, :hidden_dim]", "at the last word (no padding)"),
        (1, y_forward, "output[:, 0, hidden_dim:]", "at the first word"),
    ):
        code(ax, left, y + 0.15, f"hidden[{row}] ==\n{same}", ha="left")
        write(ax, left, y - 0.22, note, ha="left", color=MUTED)
    return figure


def softmax(scores: Sequence[float]) -> list[float]:
    """Turn scores into weights that sum to 1; a score of minus infinity becomes a weight of exactly 0."""
    powers = [math.exp(score - max(scores)) for score in scores]
    return [power / sum(powers) for power in powers]


def rounded(weights: Sequence[float]) -> list[float]:
    """The weights as they are shown, with two decimals; also those must sum to 1."""
    shown = [round(weight, 2) for weight in weights]
    if round(sum(shown), 2) != 1:
        raise ValueError(
            f"rounded, these weights do not sum to 1: {shown}; choose other scores"
        )
    return shown


def attention() -> Figure:
    """One step of a decoder with attention: scores, weights, context, new state, prediction."""
    # Those of the stored run's model, for "ein hund fängt den ball auf", while it writes "catches"
    trained_weights = [0.165, 0.072, 0.444, 0.123, 0.102, 0.093]
    figure, ax = canvas(10.3, 5.75)
    xs = columns(1.72, 0.84, len(SRC))
    y_word, y_state, y_query, y_score, y_softmax = 0.42, 1.04, 1.66, 2.18, 2.76
    y_bar, y_product, y_sum = 3.14, 4.36, 5.0
    r, aside, by = 0.13, 0.12, 0.36
    weights = [round(weight, 2) for weight in trained_weights]
    left, right = xs[0] - 0.4, xs[-1] + 0.52
    step = TRG.index("catches")
    keys, query, context = ENCODER.edge, DECODER.edge, CONTEXT.edge

    # Scores: the query against each encoder state
    x_query = 7.3
    arrow(
        ax,
        (x_query - 0.29, y_query),
        (xs[0] + aside, y_query),
        color=query,
        width=LINE + 0.4,
        head=False,
    )
    for index, (x, word, weight) in enumerate(zip(xs, SRC, weights, strict=True), 1):
        token(ax, x, y_word, word, 0.7)
        arrow(ax, (x, y_word + 0.16), (x, y_state - 0.22))
        box(ax, x, y_state, 0.56, 0.44, style=ENCODER)
        write(ax, x, y_state, f"$h_{index}$", TEXT + 1)
        arrow(ax, (x - aside, y_state + 0.22), (x - aside, y_score - 0.18), color=keys)
        arrow(
            ax,
            (x + aside, y_query),
            (x + aside, y_score - 0.18),
            color=query,
            width=LINE + 0.4,
        )
        ax.add_patch(Circle((x + aside, y_query), 0.045, color=query, zorder=4))
        box(
            ax,
            x,
            y_score,
            0.5,
            0.36,
            f"$e_{{t{index}}}$",
            Style(CARD, ATTENTION.edge),
            TEXT + 1,
        )
        arrow(ax, (x, y_score + 0.18), (x, y_softmax - 0.15))
        # The weight as a bar, and the state that it weighs
        height = 1.3 * weight
        ax.add_patch(
            Rectangle(
                (x - 0.17, y_bar),
                0.34,
                height,
                facecolor=ATTENTION.fill,
                edgecolor=ATTENTION.edge,
                linewidth=LINE,
                zorder=3,
            )
        )
        write(ax, x, y_bar + height + 0.12, f"{weight:.2f}")
        arrow(ax, (x, y_bar + height + 0.24), (x, y_product - r), color=ATTENTION.edge)
        start = (x + 0.28, y_state + 0.08)
        arrow(
            ax,
            start,
            (x + by, y_state + 0.08),
            (x + by, y_product),
            (x + r, y_product),
            color=keys,
            zorder=3.5,
        )
        node(ax, x, y_product, r"$\times$", r)
        arrow(
            ax,
            (x, y_product + r),
            (x, y_sum - 0.18),
            color=context,
            width=LINE + 8 * weight,
        )
    box(ax, (left + right) / 2, y_softmax, right - left, 0.3, style=ATTENTION)
    write(ax, xs[2] - 0.06, y_softmax, "softmax")
    ax.plot(
        [left, right], [y_bar, y_bar], color=ATTENTION.edge, linewidth=LINE, zorder=3
    )
    box(
        ax,
        (left + right) / 2,
        y_sum,
        right - left,
        0.36,
        "weighted sum of the encoder states",
        CONTEXT,
    )

    for y, text, color in (
        (y_state, "encoder\nstates", keys),
        (y_score, "scores", ATTENTION.edge),
        (y_bar + 0.3, "weights $\\alpha_{tj}$,\nsum to 1,\nrounded", ATTENTION.edge),
        (y_sum, "context", context),
    ):
        write(ax, left - 0.14, y, text, ha="right", color=color)

    # The decoder step
    x_cell, x_new, y_read = 8.3, 9.32, 3.6
    box(ax, x_query, y_query, 0.58, 0.5, r"$s_{t{-}1}$", DECODER, TEXT + 1)
    box(ax, x_cell, y_query, 0.58, 0.5, "GRU", DECODER, TEXT)
    box(ax, x_new, y_query, 0.58, 0.5, "$s_t$", DECODER, TEXT + 1)
    arrow(ax, (x_query + 0.29, y_query), (x_cell - 0.29, y_query))
    arrow(ax, (x_cell + 0.29, y_query), (x_new - 0.29, y_query))
    arrow(ax, (x_new + 0.29, y_query), (x_new + 0.6, y_query))
    # The previous word asks, too
    x_join = x_query - 0.46
    arrow(
        ax,
        (x_cell - 0.49, y_state),
        (x_join, y_state),
        (x_join, y_query),
        color=EMBEDDING.edge,
        head=False,
    )
    ax.add_patch(Circle((x_join, y_query), 0.06, color=query, zorder=4))
    write(ax, x_join, y_query + 0.42, "the query", color=query)
    token(ax, x_cell, y_word, TRG[step - 1], 0.8)
    box(ax, x_cell, y_state, 0.98, 0.3, "embedding", EMBEDDING)
    arrow(ax, (x_cell, y_word + 0.16), (x_cell, y_state - 0.15))
    arrow(ax, (x_cell, y_state + 0.15), (x_cell, y_query - 0.25))
    beside = x_new + 0.41
    arrow(
        ax,
        (x_cell + 0.49, y_state),
        (beside, y_state),
        (beside, y_read - 0.25),
        color=EMBEDDING.edge,
    )
    write(ax, x_cell + 0.5, y_word, "the word before", ha="left", color=MUTED)
    box(ax, x_new, y_read, 0.98, 0.5, "read-out,\noutput layer", OUTPUT)
    arrow(ax, (x_new, y_query + 0.25), (x_new, y_read - 0.25))
    token(ax, x_new, y_sum, TRG[step], 0.8)
    arrow(ax, (x_new, y_read + 0.25), (x_new, y_sum - 0.16))

    # The context goes into both
    thick = THICK - 0.4
    box(ax, x_query, y_sum, 0.46, 0.4, "$c_t$", CONTEXT, TEXT + 1)
    arrow(ax, (right, y_sum), (x_query - 0.23, y_sum), color=context, width=thick)
    down = [
        (x_query, y_sum - 0.2),
        (x_query, 2.6),
        (x_cell, 2.6),
        (x_cell, y_query + 0.25),
    ]
    arrow(ax, *down, color=context, width=thick)
    arrow(ax, (x_query, y_read), (x_new - 0.49, y_read), color=context, width=thick)
    ax.add_patch(Circle((x_query, y_read), 0.06, color=context, zorder=4))

    write(
        ax,
        left,
        5.47,
        "attention",
        HEADING,
        ha="left",
        color=ATTENTION.edge,
        weight="bold",
    )
    write(
        ax,
        x_query - 0.23,
        5.47,
        "one step of the decoder",
        HEADING,
        ha="left",
        color=query,
        weight="bold",
    )
    return figure


def attention_mask() -> Figure:
    """A padded batch: scores, minus infinity on every <pad>, weights."""
    figure, ax = canvas(9.6, 5.2)
    batch = [SRC, ["zwei", "kinder", "spielen", "ball"]]
    scores = [[-0.5, 0.3, 1.4, -0.8, 0.6, 1.1], [0.2, 1.3, 0.9, -0.4, 0.7, 0.6]]
    length, infinity = len(SRC), "\N{MINUS SIGN}∞"
    padded = [sentence + ["<pad>"] * (length - len(sentence)) for sentence in batch]
    masked = [
        [
            -math.inf if word == "<pad>" else score
            for word, score in zip(*rows, strict=True)
        ]
        for rows in zip(padded, scores, strict=True)
    ]
    weights = [softmax(row) for row in masked]
    lost = sum(softmax(scores[1])[len(batch[1]) :])

    xs, wide, high, pitch, block = columns(2.2, 0.8, length), 0.72, 0.34, 0.42, 1.27
    y_top, x_note = 4.75, xs[-1] + 0.64
    score_style, pad_style = Style(CARD, ATTENTION.edge), Style(CARD, FAINT)
    blocks = (
        ("src", padded, TOKEN, PAD, False),
        (
            "scores",
            [[number(score, 1) for score in row] for row in scores],
            score_style,
            PAD,
            False,
        ),
        (
            "masked\nscores",
            [
                [infinity if math.isinf(score) else number(score, 1) for score in row]
                for row in masked
            ],
            score_style,
            pad_style,
            True,
        ),
        (
            "weights",
            [[f"{weight:.2f}" for weight in rounded(row)] for row in weights],
            ATTENTION,
            pad_style,
            True,
        ),
    )
    tops = columns(y_top, -block, len(blocks))
    for top, (name, rows, style, off_style, dashed) in zip(tops, blocks, strict=True):
        color = INK if style is TOKEN else ATTENTION.edge
        label, size = (code, TEXT) if style is TOKEN else (write, HEADING)
        label(
            ax,
            xs[0] - 0.62,
            top - pitch / 2,
            name,
            size,
            ha="right",
            weight="bold",
            color=color,
        )
        for row, texts in enumerate(rows):
            for column, (x, text) in enumerate(zip(xs, texts, strict=True)):
                off = padded[row][column] == "<pad>"
                exact = "0" if off and style is ATTENTION else text
                look = {"style": off_style if off else style, "dashed": off and dashed}
                box(ax, x, top - pitch * row, wide, high, exact, linewidth=THIN, **look)

    # From block to block
    steps = (
        "compare every place with the query",
        f"mask: {infinity} on every <pad>",
        "softmax over each row",
    )
    for top, text in zip(tops, steps, strict=False):
        above, below = top - pitch - high / 2 - 0.06, top - block + high / 2 + 0.06
        arrow(ax, (xs[1], above), (xs[1], below))
        write(ax, xs[1] + 0.18, (above + below) / 2, text, ha="left", color=MUTED)

    # Beside the blocks
    for row, words in enumerate(batch):
        write(
            ax,
            x_note,
            tops[0] - pitch * row,
            f"{len(words)} words",
            ha="left",
            color=MUTED,
        )
        total = number(sum(rounded(weights[row])))
        write(ax, x_note, tops[3] - pitch * row, f"sum {total}", ha="left", color=MUTED)
    note = f"a <pad> has a score, too:\nwithout a mask these two\nwould get {lost:.0%} of the weight"
    write(ax, x_note, tops[1] - pitch, note, ha="left", color=MUTED)
    write(
        ax, x_note, tops[2] - pitch, r"$e^{-\infty} = 0$", TEXT, ha="left", color=MUTED
    )
    return figure


def causal_convolution() -> Figure:
    """Two causal layers of kernel size 3 over words: what the last state sees."""
    figure, ax = canvas(8.9, 3.8, FINE)
    words = TRG[:-1]
    n_zeros, last = 2, len(words) + 1
    xs = columns(1.35, 0.82, n_zeros + len(words))
    rows = {"words": 0.95, "layer 1": 2.1, "layer 2": 3.25}
    ys = list(rows.values())
    seen = {0: 5, 1: 3, 2: 1}  # by row: how many, up to the last, count for its state
    for y, lower in zip(ys[1:], ys, strict=False):
        row = ys.index(y)
        for index in range(n_zeros, last + 1):
            bright = index > last - seen[row]
            color, width = (DECODER.edge, THICK - 0.4) if bright else (FAINT, THIN)
            for source in range(index - 2, index + 1):
                start = (xs[source] + 0.05 * (index - source), lower + 0.19)
                end = (xs[index] + 0.1 * (source - index + 1), y - 0.19)
                arrow(
                    ax,
                    start,
                    end,
                    color=color,
                    width=width,
                    zorder=2.5 if bright else 2,
                )
    for row, (label, y) in enumerate(rows.items()):
        write(ax, xs[0] - 0.5, y, label, ha="right")
        for index, x in enumerate(xs):
            bright = index > last - seen[row]
            if index < n_zeros:
                if row < 2:
                    box(ax, x, y, 0.44, 0.36, "0", PAD)
            elif row == 0:
                style = EMBEDDING if bright else TOKEN
                token(ax, x, y, words[index - n_zeros], 0.72, style=style)
            else:
                box(ax, x, y, 0.44, 0.36, style=DECODER if bright else PLAIN)
    for y, text in ((ys[1], "sees 3 words"), (ys[2], "sees 5 words")):
        write(ax, xs[-1] + 0.36, y, text, ha="left", color=DECODER.edge)
    left, right = xs[last - 4] - 0.36, xs[last] + 0.36
    bracket(ax, left, right, 0.62, 0.09, DECODER.edge)
    note = "the view of the last state in layer 2"
    write(ax, (left + right) / 2, 0.36, note, color=DECODER.edge)
    write(ax, (xs[0] + xs[1]) / 2, 0.36, "left padding", color=MUTED)
    bracket(ax, xs[0] - 0.22, xs[1] + 0.22, 0.62, 0.09, MUTED)
    return figure


def convolutional_decoder_layer() -> Figure:
    """One decoder layer at one place: gated convolution, attention, scaled sums."""
    figure, ax = canvas(9.4, 6.4, FINE)
    x, x_past, x_join, x_keys, x_values = 2.3, 3.95, 5.15, 6.95, 8.3
    y_word, y_low, y_glu, y_new, y_context, y_sum, y_top = (
        0.6,
        1.5,
        2.4,
        3.3,
        4.2,
        5.0,
        5.8,
    )
    decoder, context, keys = DECODER.edge, CONTEXT.edge, ENCODER.edge
    r, half = 0.15, r"$\times\sqrt{0.5}$"

    # The gated convolution
    for step, name in zip((-1, 0, 1), ("t-2", "t-1", "t"), strict=True):
        place = x + step
        box(ax, place, y_word, 0.74, 0.46, f"$s_{{{name}}}^{{l-1}}$", DECODER, TEXT + 1)
        arrow(ax, (place, y_word + 0.23), (place, y_low - 0.2))
    box(ax, x, y_low, 2.74, 0.4, "convolution, kernel size 3", GATE)
    for side, part in ((-0.7, "content"), (0.7, "gate")):
        arrow(ax, (x + side, y_low + 0.2), (x + side, y_glu - 0.2))
        left = side < 0
        write(ax, x + side * 1.12, y_low + 0.45, part, ha="right" if left else "left")
    box(ax, x, y_glu, 2.74, 0.4, r"GLU: content $\odot\ \sigma$(gate)", GATE)
    arrow(ax, (x, y_glu + 0.2), (x, y_new - 0.23))
    box(ax, x, y_new, 0.74, 0.46, r"$\tilde{s}_t^{\,l}$", DECODER, TEXT + 1)

    # Query, keys and values
    arrow(ax, (x + 0.37, y_new), (x_join - r, y_new), color=decoder)
    node(ax, x_join, y_new, "+", r)
    write(ax, x_join - 0.1, y_new + 0.3, half, ha="right")
    box(ax, x_join, y_glu, 0.74, 0.46, "$w_t$", EMBEDDING, TEXT + 1)
    write(ax, x_join, y_low + 0.25, "the last word\nand its place", color=MUTED)
    arrow(ax, (x_join, y_glu + 0.23), (x_join, y_new - r), color=EMBEDDING.edge)
    arrow(ax, (x_join + r, y_new), (x_keys - 0.66, y_new), color=decoder)
    write(ax, (x_join + x_keys - 0.5) / 2, y_new + 0.17, "query", color=decoder)
    middle = (x_keys + x_values) / 2
    token(ax, middle, y_word, " ".join(SRC), 2.6)
    arrow(ax, (middle, y_word + 0.16), (middle, y_low - 0.2))
    box(ax, middle, y_low, 2.6, 0.4, "encoder", ENCODER)
    for place, name in ((x_keys, "keys"), (x_values, "values")):
        arrow(ax, (place, y_low + 0.2), (place, y_glu - 0.2), color=keys)
        box(ax, place, y_glu, 1.1, 0.4, name, ENCODER)
    arrow(ax, (x_keys, y_glu + 0.2), (x_keys, y_new - 0.2), color=keys)
    box(ax, x_keys, y_new, 1.32, 0.4, "scores, softmax", ATTENTION)
    arrow(ax, (x_keys, y_new + 0.2), (x_keys, y_context - 0.2), color=ATTENTION.edge)
    write(ax, x_keys - 0.1, y_new + 0.45, "weights", ha="right", color=ATTENTION.edge)
    arrow(ax, (x_values, y_glu + 0.2), (x_values, y_context - 0.2), color=keys)
    box(ax, middle, y_context, 2.6, 0.4, "weighted sum of the values", CONTEXT)

    # The sums
    box(ax, x_join, y_context, 0.62, 0.46, "$c_t^{\\,l}$", CONTEXT, TEXT + 1)
    arrow(ax, (middle - 1.3, y_context), (x_join + 0.31, y_context), color=context)
    arrow(ax, (x_join - 0.31, y_context), (x + r, y_context), color=context)
    arrow(ax, (x, y_new + 0.23), (x, y_context - r))
    node(ax, x, y_context, "+", r)
    arrow(ax, (x, y_context + r), (x, y_sum - r))
    node(ax, x, y_sum, "+", r)
    corners = [(x_past, y_word), (x_past, y_sum), (x + r, y_sum)]
    arrow(ax, (x + 1.37, y_word), *corners, color=decoder)
    write(ax, x_past - 0.12, y_sum + 0.17, "residual", ha="right", color=decoder)
    for y in (y_context, y_sum):
        write(ax, x - 0.28, y, half, ha="right")
    arrow(ax, (x, y_sum + r), (x, y_top - 0.23))
    box(ax, x, y_top, 0.74, 0.46, "$s_t^{\\,l}$", DECODER, TEXT + 1)
    bold = {"ha": "left", "weight": "bold"}
    write(ax, 0.4, y_top, "one layer", HEADING, color=decoder, **bold)
    write(ax, 5.64, y_top, "its attention", HEADING, color=ATTENTION.edge, **bold)
    return figure


def bridge() -> Figure:
    """A two-way encoder whose four ends go through the bridge to a decoder of one direction."""
    figure, ax = canvas(8.5, 4.2, FINE)
    y_word, y_forward, y_backward, y_over = 0.84, 1.72, 2.56, 3.22
    y_cell, y_output, y_prediction = 1.98, 2.76, 3.3
    pitch, wide, high, half = 0.86, 0.44, 0.42, 0.2
    xs = columns(0.82, pitch, 3)
    xs_decoder = columns(5.5, 0.8, 4)
    x_bridge = 4.14

    frame(ax, 0.28, 1.36, 3.06, 2.94, Style("#f3f9fd", ENCODER.edge))
    frame(ax, 5.06, 1.6, 8.24, 3.02, Style("#fff7f1", DECODER.edge))
    write(
        ax, 0.32, 3.86, "encoder", HEADING, ha="left", color=ENCODER.edge, weight="bold"
    )
    write(
        ax, 5.08, 3.86, "decoder", HEADING, ha="left", color=DECODER.edge, weight="bold"
    )
    write(ax, x_bridge, 3.86, "bridge", HEADING, color=CONTEXT.edge, weight="bold")

    # The encoder: each word goes into both directions.
    for step, (x, word) in enumerate(
        zip(xs, ["ein", "hund", "schläft"], strict=True), 1
    ):
        token(ax, x, y_word, word, 0.74)
        forward, backward = (
            rf"$\over{side}arrow{{h}}_{step}$" for side in ("right", "left")
        )
        box(ax, x - half, y_forward, wide, high, forward, ENCODER, TEXT)
        box(ax, x + half, y_backward, wide, high, backward, BACKWARD, TEXT)
        arrow(ax, (x - half, y_word + 0.16), (x - half, y_forward - high / 2))
        arrow(ax, (x + half, y_word + 0.16), (x + half, y_backward - high / 2))
    for left, right in pairwise(xs):
        start, end = left - half + wide / 2, right - half - wide / 2
        arrow(ax, (start, y_forward), (end, y_forward))
        start, end = right + half - wide / 2, left + half + wide / 2
        arrow(ax, (start, y_backward), (end, y_backward))

    # The ends go over to the bridge: the forward one on the right, the backward one on the left.
    purple = {"color": CONTEXT.edge, "width": LINE + 0.3}
    y_upper, y_lower = 2.42, 1.72
    box(ax, x_bridge, (y_upper + y_lower) / 2, 0.86, 1.36, style=CONTEXT)
    write(ax, x_bridge, 2.07, "a linear\nlayer\nfor all $h$,\none for\nall $m$", SMALL)
    arrow(
        ax,
        (xs[-1] - half + wide / 2, y_forward),
        (x_bridge - 0.43, y_forward),
        **purple,
    )
    x_first = xs[0] + half
    arrow(
        ax,
        (x_first, y_backward + high / 2),
        (x_first, y_over),
        (3.38, y_over),
        (3.38, y_upper),
        (x_bridge - 0.43, y_upper),
        **purple,
    )
    write(
        ax,
        1.1,
        y_over + 0.16,
        "end of the backward reading",
        ha="left",
        color=CONTEXT.edge,
    )
    write(ax, 3.16, 1.08, "end of the\nforward reading", ha="left", color=CONTEXT.edge)
    arrow(
        ax,
        (3.38, 1.3),
        (3.38, y_forward - 0.06),
        color=CONTEXT.edge,
        width=THIN,
        head=False,
    )
    arrow(ax, (x_bridge + 0.43, y_cell), (xs_decoder[0] - wide / 2, y_cell), **purple)

    write(ax, 4.83, y_cell + 0.16, "$s_0$", TEXT)

    # The decoder
    fed, predicted = ["<sos>", "a", "dog", "sleeps"], ["a", "dog", "sleeps", "<eos>"]
    for step, x in enumerate(xs_decoder, 1):
        token(ax, x, y_word, fed[step - 1], 0.7)
        token(ax, x, y_prediction, predicted[step - 1], 0.7)
        box(ax, x, y_cell, wide, high, f"$s_{step}$", DECODER, TEXT)
        arrow(ax, (x, y_word + 0.16), (x, y_cell - high / 2))
        arrow(ax, (x, y_cell + high / 2), (x, y_output - 0.16))
        arrow(ax, (x, y_output + 0.16), (x, y_prediction - 0.16))
    for left, right in pairwise(xs_decoder):
        arrow(ax, (left + wide / 2, y_cell), (right - wide / 2, y_cell))
    middle = (xs_decoder[0] + xs_decoder[-1]) / 2
    box(ax, middle, y_output, 2.98, 0.32, "output layer", OUTPUT)

    write(ax, 0.32, 0.4, "each word is read by both directions", ha="left", color=MUTED)
    write(ax, middle, 0.4, "what the decoder is fed", color=MUTED)
    return figure


def transformer() -> Figure:
    """The Transformer's blocks: every sub-layer adds its result to the vectors that run straight up."""
    figure, ax = canvas(8.5, 6.75, FINE)
    y_word, y_embedding, y_code, y_first, unit = 0.42, 0.93, 1.41, 1.89, 1.0
    pitch, wide, r = 0.6, 1.66, 0.13
    ways = LINE + 0.9  # the width of the line that the vectors take
    xs_encoder = columns(0.78, pitch, len(SRC))
    xs_decoder = columns(4.94, pitch, len(TRG) - 1)
    x_encoder, x_decoder = xs_encoder[0] + 0.5, xs_decoder[-1] - 0.5
    attend, feed = ATTENTION, GATE

    def stack(xs, words, rail, side, style, name, parts) -> float:
        """One of the two stacks; return the height of its last normalisation."""
        middle, length = (xs[0] + xs[-1]) / 2, xs[-1] - xs[0] + 0.5
        for x, word in zip(xs, words, strict=True):
            token(ax, x, y_word, word, 0.56, size=9.4)
            arrow(ax, (x, y_word + 0.16), (x, y_embedding - 0.16))
        box(ax, middle, y_embedding, length, 0.32, "word embedding", EMBEDDING)
        top = y_first + unit * len(parts)
        pale = Style(fade(style.fill, 0.3), style.edge)
        sides = sorted((rail - side * 0.42, rail + side * (wide + 0.82)))
        frame(ax, sides[0], y_first - 0.22, sides[1], top - 0.02, pale, linewidth=THIN)
        look = {"ha": "left" if side > 0 else "right"}
        write(
            ax,
            rail + side * 0.32,
            top + 0.16,
            f"{name}: several such layers",
            color=style.edge,
            weight="bold",
            **look,
        )
        arrow(ax, (rail, y_embedding + 0.16), (rail, y_code - r), width=ways)
        node(ax, rail, y_code, "+", r)
        box(ax, rail + side * 1.15, y_code, 1.2, 0.3, "position codes", PLAIN)
        arrow(ax, (rail + side * 0.55, y_code), (rail + side * r, y_code))
        below, x = y_code + r, rail + side * (0.42 + wide / 2)
        for index, (text, color) in enumerate(parts):
            y = y_first + unit * index
            arrow(ax, (rail, below), (rail, y + 0.83 - r), width=ways)
            ax.add_patch(Circle((rail, y), 0.05, color=INK, zorder=4))
            arrow(ax, (rail, y), (x, y), (x, y + 0.11))
            box(ax, x, y + 0.21, wide, 0.2, "normalisation", PLAIN, 8.5, linewidth=THIN)
            box(ax, x, y + 0.51, wide, 0.36, text, color)
            arrow(ax, (x, y + 0.69), (x, y + 0.83), (rail + side * r, y + 0.83))
            node(ax, rail, y + 0.83, "+", r)
            below = y + 0.83 + r
        arrow(ax, (rail, below), (rail, top + 0.44), width=ways)
        box(
            ax,
            rail,
            top + 0.55,
            1.16,
            0.22,
            "normalisation",
            PLAIN,
            8.5,
            linewidth=THIN,
        )
        return top + 0.66

    parts = [("self-attention", attend), ("feed-forward", feed)]
    y_memory = stack(xs_encoder, SRC, x_encoder, 1, ENCODER, "encoder", parts)
    parts = [
        ("masked self-attention", attend),
        ("cross-attention", attend),
        ("feed-forward", feed),
    ]
    y_end = stack(xs_decoder, TRG[:-1], x_decoder, -1, DECODER, "decoder", parts)

    # From the encoder to the cross-attention
    y_cross, x_down = y_first + unit + 0.51, 4.32
    y_turn = y_memory + 0.24
    end = x_decoder - 0.42 - wide
    arrow(
        ax,
        (x_encoder, y_memory),
        (x_encoder, y_turn),
        (x_down, y_turn),
        (x_down, y_cross),
        (end, y_cross),
        color=CONTEXT.edge,
        width=THICK - 0.4,
    )
    note = "a vector $h_j$ for each source word:\nfrom it, keys and values are made"
    write(ax, x_encoder, y_turn + 0.34, note, ha="left", color=CONTEXT.edge)

    # The predictions
    middle, length = (
        (xs_decoder[0] + xs_decoder[-1]) / 2,
        xs_decoder[-1] - xs_decoder[0],
    )
    y_output, y_said = y_end + 0.36, y_end + 0.86
    arrow(ax, (x_decoder, y_end), (x_decoder, y_output - 0.16), width=ways)
    box(ax, middle, y_output, length + 0.5, 0.32, "output layer", OUTPUT)
    for x, word in zip(xs_decoder, TRG[1:], strict=True):
        arrow(ax, (x, y_output + 0.16), (x, y_said - 0.16))
        token(ax, x, y_said, word, 0.56, size=9.4)
    write(ax, xs_decoder[0] - 0.44, y_said, "predicted", ha="right", color=MUTED)
    write(ax, xs_decoder[0] - 0.36, y_word, "fed", ha="right", color=MUTED)
    return figure


def key_value_cache() -> Figure:
    """Four steps of writing, the whole prefix anew and with a cache of keys and values."""
    figure, ax = canvas(8.2, 3.5, FINE)
    fed, said = TRG[:4], TRG[1:5]
    pitch, high, y_top = 0.74, 0.44, 2.5
    computed, kept = DECODER, Style(ATTENTION.fill, ATTENTION.edge)
    panels = ((1.05, "without a cache", False), (4.85, "with the cache", True))
    for left, title, cached in panels:
        xs = columns(left, pitch, len(fed))
        look = {"ha": "left", "weight": "bold", "color": DECODER.edge}
        write(ax, xs[0] - 0.32, 3.2, title, HEADING, **look)
        n_computed = 0
        for step in range(len(fed)):
            y = y_top - step * (high + 0.08)
            if not cached:
                write(ax, xs[0] - 0.42, y, f"step {step + 1}", ha="right", color=MUTED)
            for column in range(step + 1):
                old = cached and column < step
                style = kept if old else computed
                box(ax, xs[column], y, 0.68, 0.34, fed[column], style, 9.4, dashed=old)
                n_computed += not old
        write(
            ax,
            xs[0] - 0.32,
            y_top + 0.36,
            f"{n_computed} words go through the decoder",
            ha="left",
            color=MUTED,
        )
    for step, word in enumerate(said):
        y, x = y_top - step * (high + 0.08), 4.85 + pitch * step
        arrow(ax, (x + 0.34, y), (x + 0.56, y))
        write(ax, x + 0.62, y, word, ha="left", size=9.4)
        x = 1.05 + pitch * step
        arrow(ax, (x + 0.34, y), (x + 0.56, y))
        write(ax, x + 0.62, y, word, ha="left", size=9.4)
    entries = [
        (computed, False, "goes through all layers", 2.6),
        (kept, True, "only its keys and values are looked up", 3.0),
    ]
    legend(ax, 1.05 - 0.32, 0.36, entries)
    return figure


def warm_up() -> Figure:
    """The learning rate over a training: warm-up and cosine, and the paper's inverse square root."""
    figure, ax = canvas(7.4, 2.9, FINE)
    left, bottom, width, height, warm = 0.95, 0.62, 5.0, 1.85, 0.05
    ours, papers = [], []
    shares = [index / 400 for index in range(401)]
    for share in shares:
        rising = (1 - math.cos(math.pi * min(1, share / warm))) / 2
        falling = (1 + math.cos(math.pi * max(0, share - warm) / (1 - warm))) / 2
        ours.append(rising if share < warm else falling)
        papers.append(min(share / warm, math.sqrt(warm / max(share, warm))))
    for heights, style, dashes in ((ours, DECODER, "-"), (papers, ENCODER, "--")):
        ax.plot(
            [left + width * share for share in shares],
            [bottom + height * one for one in heights],
            dashes,
            color=style.edge,
            linewidth=THICK - 0.4,
            zorder=3,
        )
    arrow(ax, (left, bottom), (left + width + 0.2, bottom))
    arrow(ax, (left, bottom), (left, bottom + height + 0.25))
    write(ax, left - 0.12, bottom + height, "peak", ha="right")
    write(ax, left - 0.12, bottom, "0", ha="right")
    for share, text in ((0.05, "5%"), (0.5, "50%"), (1.0, "100%")):
        x = left + width * share
        ax.plot([x, x], [bottom - 0.05, bottom], color=INK, linewidth=THIN, zorder=3)
        write(ax, x, bottom - 0.18, text)
    write(ax, left + width * 0.75, bottom - 0.18, "share of all steps", color=MUTED)
    write(
        ax, left + 0.14, bottom + height + 0.22, "learning rate", ha="left", color=MUTED
    )
    write(
        ax,
        left + width * 0.52,
        bottom + height * 0.72,
        "ours: cosine",
        ha="left",
        color=DECODER.edge,
    )
    write(
        ax,
        left + width + 0.1,
        bottom + height * 0.3,
        "paper: 1 / √step",
        ha="left",
        color=ENCODER.edge,
    )
    return figure


def attention_after_the_state() -> Figure:
    """Two decoders side by side: attention before the state, and after it."""
    figure, ax = canvas(10.3, 4.75)
    y_word, y_state, y_attention, y_attended, y_said = 0.42, 1.3, 2.4, 3.16, 3.86
    y_heading, y_note, half = 4.42, 4.16, 0.3
    chain, context, thick = DECODER.edge, CONTEXT.edge, THICK + 1.2
    bold = {"ha": "left", "weight": "bold"}

    def step(x: float, index: int, said: float) -> None:
        """What both decoders have: a word that is fed, a state, a word that is said."""
        token(ax, x, y_word, TRG[index], 0.66)
        arrow(ax, (x, y_word + 0.16), (x, y_state - 0.22))
        box(ax, x, y_state, 2 * half, 0.44, f"$s_{index + 1}$", DECODER, TEXT + 1)
        token(ax, said, y_said, TRG[index + 1], 0.74)

    # Before the state: the chain runs through attention
    left, pitch = 0.35, 1.5
    xs = columns(1.6, pitch, 3)
    write(ax, left, y_heading, "before the state", HEADING, **bold)
    note = "tutorial 3: each state waits for its own attention"
    write(ax, left, y_note, note, ha="left", color=MUTED)
    for index, x in enumerate(xs):
        x_look, x_context, x_said = x - 0.79, x - 0.15, x + 0.15
        step(x, index, x_said)
        arrow(ax, (x_said, y_state + 0.22), (x_said, y_said - 0.16))
        box(ax, x_look, y_attention, 0.84, 0.36, "attention", ATTENTION, 9.4)
        box(ax, x_look, y_attended, 0.84, 0.34, r"$h_1 \ldots h_S$", ENCODER)
        top = y_attention + 0.18
        arrow(ax, (x_look, y_attended - 0.17), (x_look, top), color=ENCODER.edge)
        start = x - pitch + half if index else left
        up = [(start, y_state), (x_look, y_state), (x_look, y_attention - 0.18)]
        arrow(ax, *up, color=chain, width=thick)
        arrow(ax, (x_look - 0.2, y_state), (x - half, y_state), color=chain)
        side = (x_look + 0.42, y_attention)
        down = [side, (x_context, y_attention), (x_context, y_state + 0.22)]
        arrow(ax, *down, color=chain, width=thick)
        write(ax, x_context - 0.2, 1.9, f"$c_{index + 1}$", TEXT, color=context)
    end = xs[-1] + half
    arrow(ax, (end, y_state), (end + 0.3, y_state), color=chain, width=thick)
    ax.plot([5.32, 5.32], [0.3, 4.5], color=CARD_EDGE, linewidth=THIN)

    # After the state: the chain stays inside the LSTM
    left = 5.62
    xs = columns(6.36, 1.12, 3)
    first, last = xs[0] - 0.6, xs[-1] + 0.54
    write(ax, left, y_heading, "after the state", HEADING, **bold)
    note = "this notebook: no state waits for attention"
    write(ax, left, y_note, note, ha="left", color=MUTED)
    pale = Style("#fef6f0", chain)
    frame(ax, first, y_state - 0.36, last, y_state + 0.36, pale, linewidth=THIN)
    pale = Style("#fffaee", ATTENTION.edge)
    frame(ax, first, y_attention - 0.28, last, y_attention + 0.28, pale, linewidth=THIN)
    for index, x in enumerate(xs):
        step(x, index, x)
        before = xs[index - 1] + half if index else x - 0.74
        arrow(ax, (before, y_state), (x - half, y_state), color=chain, width=thick)
        look, beside = x - 0.1, x + 0.21
        box(ax, look, y_attention, 0.8, 0.36, "attention", ATTENTION, 9.2)
        arrow(ax, (look, y_state + 0.22), (look, y_attention - 0.18))
        top = y_attended - 0.18
        arrow(ax, (look, y_attention + 0.18), (look, top), color=context)
        write(ax, look - 0.2, 2.81, f"$c_{index + 1}$", TEXT, color=context)
        around = [(beside, 1.88), (x + 0.42, 1.88), (x + 0.42, 2.8), (beside, 2.8)]
        arrow(ax, (beside, y_state + 0.22), *around, (beside, top))
        text = rf"$\tilde s_{index + 1}$"
        box(ax, x, y_attended, 2 * half, 0.36, text, OUTPUT, TEXT + 1)
        arrow(ax, (x, y_attended + 0.18), (x, y_said - 0.16))
    end = xs[-1] + half
    arrow(ax, (end, y_state), (end + 0.5, y_state), color=chain, width=thick)
    x_note = last + 0.12
    box(ax, 9.73, y_attended, 0.84, 0.34, r"$h_1 \ldots h_S$", ENCODER)
    down = [(9.73, y_attended - 0.17), (9.73, y_attention), (last, y_attention)]
    arrow(ax, *down, color=ENCODER.edge)
    note = {"ha": "left", "size": 9.4}
    text = "all at once, in\none product"
    write(ax, x_note, 2.05, text, color=ATTENTION.edge, **note)
    write(ax, x_note, 0.82, "one call\nof the LSTM", color=chain, **note)
    return figure


FIGURES: dict[str, Callable[[], Figure]] = {
    "encoder-decoder": encoder_decoder,
    "gradient-path": gradient_path,
    "lstm-cell": lstm_cell,
    "output-and-hidden": output_and_hidden,
    "tensor-shapes": tensor_shapes,
    "teacher-forcing": teacher_forcing,
    "padding": padding,
    "beam-search": beam_search,
    "gru-cell": gru_cell,
    "context-at-every-step": context_at_every_step,
    "bidirectional": bidirectional,
    "attention": attention,
    "attention-mask": attention_mask,
    "causal-convolution": causal_convolution,
    "convolutional-decoder-layer": convolutional_decoder_layer,
    "bridge": bridge,
    "transformer": transformer,
    "key-value-cache": key_value_cache,
    "warm-up": warm_up,
    "attention-after-the-state": attention_after_the_state,
}


def main() -> None:
    """Draw every figure and print one line for each."""
    parser = argparse.ArgumentParser(description="Draw the diagrams of the tutorials.")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(__file__).parent,
        help="folder for the PNG files",
    )
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    matplotlib.rcdefaults()  # a matplotlibrc of the reader's must not change the drawings
    matplotlib.rcParams.update(SETTINGS)
    for name, draw in FIGURES.items():
        figure = draw()
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=figure.dpi, metadata={"Software": None})
        width, height = (round(side * figure.dpi) for side in figure.get_size_inches())
        print(
            f"{path.name}: {width} x {height} pixels, {path.stat().st_size / 1000:.0f} kB"
        )


if __name__ == "__main__":
    main()
