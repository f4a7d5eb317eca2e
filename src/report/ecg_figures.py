"""Heatmaps on ECG paper (the study's figures 3–6), drawn in millimetres."""

from collections.abc import Mapping
from textwrap import fill

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from ..ecg.leads import LEADS, V5
from .display import LOWERS, RAISES, STRONG, averaged, colours, shown, strongest
from .paper import (
    MM_PER_MS,
    MM_PER_MV,
    SQUARE,
    TOP,
    Sheet,
    TimeAxis,
    small_multiples,
    time_axis,
    twelve_leads,
)
from .style import INK, TYPE, style

PAPER, FINE, COARSE = "#fffdfb", "#f4e3df", "#e4bfb8"
HEADER = 9.0  # mm above the paper for the title and the colour key
HALO = 1.7  # mm of colour above and below the trace: a highlighter pen
FAINT = 0.01  # opacity below which nothing is to be seen
ZOOM = 1.6  # figure millimetres per paper millimetre for a beat; a strip is drawn in true size
LETTER = 1.85  # mm of the figure, width of a title's letter
KEY, SIGNED_KEY = 45.0, 68.0  # mm at the right for the colour key and its words
WIDE = 200.0  # mm, from which on a sheet is a strip


def twelve_lead_figure(
    x: Float[np.ndarray, "12 time"],
    heatmap: Float[np.ndarray, "12 time"],
    title: str,
    fs: float = 500.0,
    origin: int = 0,
) -> Figure:
    """One ECG (µV) in its 12 leads under a signed heatmap; time is counted from sample `origin`."""
    sheet = twelve_leads(x[None], fs)
    levels = shown(heatmap)
    figure, axes = _figure(sheet, title, signed=True)
    for cell in sheet.cells:
        lead = LEADS.index(cell.name)
        _trace(axes, cell.left, cell.zero, x[lead], levels[lead], fs, signed=True)
        _name(axes, cell.left, cell.label, cell.name)
    _marks(axes, sheet, time_axis(x.shape[-1], fs, origin))
    return figure


def averaged_figure(
    x: Float[np.ndarray, "12 time"],
    heatmaps: Mapping[str, Float[np.ndarray, "12 time"]],
    title: str,
    fs: float = 500.0,
    origin: int = 0,
) -> Figure:
    """Lead V5 of one ECG (µV) once per method, under the mean over the leads of |attribution|.

    A map of zeros is said to be one: a bare trace might be a map too faint to be seen.
    """
    sheet = small_multiples([style(name).label for name in heatmaps], x[None, V5], fs)
    figure, axes = _figure(sheet, title, signed=False)
    for cell, heatmap in zip(sheet.cells, heatmaps.values(), strict=True):
        levels = shown(averaged(heatmap))
        _trace(axes, cell.left, cell.zero, x[V5], levels, fs, signed=False)
        _name(axes, cell.left, cell.label, cell.name)
        if not heatmap.any():
            right, bottom = cell.left + sheet.cell_width, cell.zero + 1.5 * HALO
            axes.text(right, bottom, "all zero", fontsize=7, ha="right", va="top", **TYPE)
    _marks(axes, sheet, time_axis(x.shape[-1], fs, origin))
    return figure


def _figure(sheet: Sheet, title: str, *, signed: bool) -> tuple[Figure, Axes]:
    zoom = ZOOM if sheet.width < WIDE else 1.0
    inches = zoom / 25.4
    figure = Figure(figsize=(sheet.width * inches, (sheet.height + HEADER) * inches), dpi=150)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0.0, sheet.width), ylim=(sheet.height, -HEADER))
    axes.axis("off")
    axes.fill([0, sheet.width, sheet.width, 0], [0, 0, sheet.height, sheet.height], PAPER, zorder=0)
    for step, colour, width in ((1.0, FINE, 0.4), (SQUARE, COARSE, 0.6)):
        across = np.arange(0.0, sheet.width + 0.5, step)
        down = np.arange(0.0, sheet.height + 0.5, step)
        lines = [[(mm, 0.0), (mm, sheet.height)] for mm in across]
        lines += [[(0.0, mm), (sheet.width, mm)] for mm in down]
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=width, zorder=1))
    room = sheet.width - (SIGNED_KEY if signed else KEY)
    lines = fill(title, int(room * zoom / LETTER))
    axes.text(1.0, -HEADER / 2, lines, fontsize=9, va="center", **TYPE)
    _key(axes, sheet.width, signed=signed)
    return figure, axes


def _trace(
    axes: Axes,
    left: float,
    zero: float,
    x: Float[np.ndarray, " time"],
    levels: Float[np.ndarray, " time"],
    fs: float,
    *,
    signed: bool,
) -> None:
    """The trace, with the heatmap as colour around it."""
    across = left + np.arange(len(x)) / fs * 1000.0 * MM_PER_MS
    down = zero - x / 1000.0 * MM_PER_MV
    # One bar of colour per 0.1 mm at the least: thinner ones would blend with each other.
    width = max(1, int(np.floor(0.1 / (across[1] - across[0]))))
    length = len(x) // width * width
    tops = down[:length].reshape(-1, width)
    # A bar reaches to its neighbour, so that a steep QRS is covered from top to bottom.
    following = np.append(tops[1:, 0], tops[-1, -1])
    high = np.minimum(tops.min(axis=1), following) - HALO
    low = np.maximum(tops.max(axis=1), following) + HALO
    start = across[:length:width]
    stop = start + width * (across[1] - across[0])
    corners = np.stack([start, high, start, low, stop, low, stop, high], axis=1)
    fill = colours(strongest(levels, width), signed=signed)
    seen = fill[:, 3] > FAINT
    bars = PolyCollection(
        list(corners.reshape(-1, 4, 2)[seen]),
        facecolors=fill[seen],
        linewidths=0,
        antialiased=False,
        zorder=2,
    )
    bars.set_rasterized(True)  # thousands of bars: a picture in PDF and SVG
    axes.add_collection(bars)
    axes.plot(across, down, color=INK, linewidth=0.9, solid_joinstyle="round", zorder=3)


def _name(axes: Axes, left: float, middle: float, name: str) -> None:
    axes.text(
        left + 0.3,
        middle,
        name,
        fontsize=8,
        fontweight="bold",
        color=INK,
        va="center",
        parse_math=False,
    )


def _marks(axes: Axes, sheet: Sheet, time: TimeAxis) -> None:
    """Calibration pulses, the mV axis of every row and the ms axis of every column."""
    for zero in sheet.zeros:
        pulse = [(8.0, zero), (9.0, zero), (9.0, zero - 10), (14.0, zero - 10), (14.0, zero)]
        axes.plot(*zip(*pulse, strict=True), color=INK, linewidth=0.9, zorder=3)
    small = {"fontsize": 6, "va": "center", **TYPE}
    axes.text(5.0, TOP / 2, "mV", ha="right", **small)
    for text, down in sheet.millivolt_marks():
        axes.plot([5.5, 6.5], [down, down], color=INK, linewidth=0.6)
        axes.text(5.0, down, text, ha="right", **small)
    bottom = sheet.height - SQUARE
    for cell in sheet.cells[: sheet.columns]:
        line = [cell.left, cell.left + sheet.cell_width], [bottom, bottom]
        axes.plot(*line, color=INK, linewidth=0.6)
        for text, across in time.marks:
            at = cell.left + across
            axes.plot([at, at], [bottom, bottom + 0.8], color=INK, linewidth=0.6)
            axes.text(at, bottom + 2.6, text, ha="center", **small)
    axes.text(sheet.width - 0.8, bottom + 2.6, time.unit, ha="right", **small)


def _key(axes: Axes, width: float, *, signed: bool) -> None:
    """The colour key, right of the title."""
    # Twice 0, once in each hue: half-way the key is clear, not a mixture of both.
    stops = np.array([-1.0, -1e-9, 1e-9, 1.0] if signed else [0.0, 1.0])
    places = [0.0, 0.5, 0.5, 1.0] if signed else [0.0, 1.0]
    ends = list(zip(places, map(tuple, colours(stops, signed=signed)), strict=True))
    gradient = LinearSegmentedColormap.from_list("key", ends)
    left, right = width - 42.0, width - 22.0
    words = ("lowers", "raises the prediction") if signed else ("0", "strong")
    if signed:
        left, right = left - 14.0, right - 14.0
    middle = -HEADER / 2
    axes.imshow(
        np.linspace(0, 1, 256)[None],
        cmap=gradient,
        extent=(left, right, middle + 1.2, middle - 1.2),
        aspect="auto",
        zorder=2,
    )
    axes.text(left - 1, middle, words[0], fontsize=7, ha="right", va="center", **TYPE)
    axes.text(right + 1, middle, words[1], fontsize=7, ha="left", va="center", **TYPE)
    axes.set(xlim=(0.0, width))


__all__ = ["LOWERS", "RAISES", "STRONG", "averaged_figure", "twelve_lead_figure"]
