"""Heatmaps of several methods on one trace, beside each other."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..style import INK, TYPE
from .ecg import SIGNED_KEY, draw_key, highlight, shown
from .paper import (
    MM_PER_MS,
    MM_PER_MV,
    Cell,
    Sheet,
    draw_marks,
    draw_name,
    draw_trace,
    paper_figure,
    places,
    small_multiples,
    time_axis,
)

BAND = "#0b4f9e"  # as the page's accent; 12 % of it leaves the paper's lines to be seen
OPACITY = 0.12
# mm: the bracket's ends, and how far it stands above the trace, whose colour reaches 1.7 mm.
HIGH, ABOVE = 1.2, 4.0
TALL = ABOVE + 2 * HIGH  # with its name


def side_by_side_figure(  # noqa: PLR0913 - what is drawn, and how it is labelled
    x: Float[np.ndarray, " time"],
    maps: Mapping[str, Float[np.ndarray, " time"]],
    region: Bool[np.ndarray, " time"],
    title: str,
    interval: str = "",
    fs: float = 500.0,
    origin: int = 0,
) -> Figure:
    """The trace (µV) once per label of `maps`, each map on its own scale.

    `region` are the samples that define the target, drawn as bands; where they are two edges, a
    bracket from one to the other is named `interval`.
    """
    edges = _edges(region)
    between = [int(edge.sum() // 2) for edge in edges] if len(edges) == 2 else []
    room = x.astype(float)  # a name stands above the bracket
    if between:
        start, stop = between
        room[start : stop + 1] = x[start : stop + 1].max() + 1000.0 * TALL / MM_PER_MV
    sheet = small_multiples([*maps], np.stack([x, room]), fs)
    figure, axes = paper_figure(sheet, title, SIGNED_KEY)
    draw_key(axes, sheet.width, signed=True)
    across = np.arange(len(x)) / fs * 1000.0 * MM_PER_MS
    for cell, heatmap in zip(sheet.cells, maps.values(), strict=True):
        draw_bands(axes, sheet, cell, region, fs)
        highlight(axes, places(cell.left, cell.zero, x, fs), shown(heatmap), signed=True)
        draw_trace(axes, cell.left, cell.zero, x, fs)
        draw_name(axes, cell.left, cell.label, cell.name)
        if between:
            start, stop = between
            highest = cell.zero - x[start : stop + 1].max() / 1000.0 * MM_PER_MV
            ends = float(cell.left + across[start]), float(cell.left + across[stop])
            _bracket(axes, *ends, float(highest) - ABOVE, interval)
    draw_marks(axes, sheet, time_axis(len(x), fs, origin))
    return figure


def draw_bands(
    axes: Axes, sheet: Sheet, cell: Cell, region: Bool[np.ndarray, " time"], fs: float
) -> None:
    """The samples of a region as bands from top to bottom of the sheet, under a cell's column."""
    for first, after in _edges(region):
        start, stop = cell.left + np.array([first, after - 1]) / fs * 1000.0 * MM_PER_MS
        axes.fill(
            [start, stop, stop, start], [0, 0, sheet.height, sheet.height],
            color=BAND, alpha=OPACITY, linewidth=0,
        )  # fmt: skip


def _edges(region: Bool[np.ndarray, " time"]) -> Int[np.ndarray, "part 2"]:
    """First sample of each part of a region, and the one after its last."""
    return np.flatnonzero(np.diff(np.r_[False, region, False])).reshape(-1, 2)


def _bracket(axes: Axes, start: float, stop: float, down: float, name: str) -> None:
    """A bracket, open below, with its name above; in mm."""
    ends = [start, start, stop, stop], [down + HIGH, down, down, down + HIGH]
    axes.plot(*ends, color=INK, linewidth=0.8, zorder=3)
    axes.text((start + stop) / 2, down - HIGH, name, fontsize=7, ha="center", va="center", **TYPE)
