"""Heatmaps on ECG paper (the study's figures 3–6), drawn in millimetres."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from ...ecg import LEADS, V5
from ..style import TYPE, style
from .display import LOWERS, RAISES, STRONG, averaged, colours, shown, strongest
from .drawn_paper import HEADER, draw_marks, draw_name, draw_trace, paper_figure, places
from .hatch import BETWEEN, lines_through, on_line
from .paper import Sheet, small_multiples, time_axis, twelve_leads

HALO = 1.7  # mm of colour above and below the trace: a highlighter pen
DOT = 0.1  # mm of the colour key
FAINT = 0.01  # opacity below which nothing is to be seen
KEY, SIGNED_KEY = 45.0, 68.0  # mm at the right for the colour key and its words


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
        highlight(axes, places(cell.left, cell.zero, x[lead], fs), levels[lead], signed=True)
        draw_trace(axes, cell.left, cell.zero, x[lead], fs)
        draw_name(axes, cell.left, cell.label, cell.name)
    draw_marks(axes, sheet, time_axis(x.shape[-1], fs, origin))
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
        highlight(axes, places(cell.left, cell.zero, x[V5], fs), levels, signed=False)
        draw_trace(axes, cell.left, cell.zero, x[V5], fs)
        draw_name(axes, cell.left, cell.label, cell.name)
        if not heatmap.any():
            right, bottom = cell.left + sheet.cell_width, cell.zero + 1.5 * HALO
            axes.text(right, bottom, "all zero", fontsize=7, ha="right", va="top", **TYPE)
    draw_marks(axes, sheet, time_axis(x.shape[-1], fs, origin))
    return figure


def _figure(sheet: Sheet, title: str, *, signed: bool) -> tuple[Figure, Axes]:
    figure, axes = paper_figure(sheet, title, SIGNED_KEY if signed else KEY)
    draw_key(axes, sheet.width, signed=signed)
    return figure, axes


def highlight(
    axes: Axes,
    trace: tuple[Float[np.ndarray, " time"], Float[np.ndarray, " time"]],
    levels: Float[np.ndarray, " time"],
    *,
    signed: bool,
) -> None:
    """Draws the heatmap as colour around a trace, in mm from the left and from the top."""
    across, down = trace
    # One bar of colour per 0.1 mm at the least: thinner ones would blend with each other.
    width = max(1, int(np.floor(0.1 / (across[1] - across[0]))))
    length = len(down) // width * width
    tops = down[:length].reshape(-1, width)
    # A bar reaches to its neighbour, so that a steep QRS is covered from top to bottom.
    following = np.append(tops[1:, 0], tops[-1, -1])
    high = np.minimum(tops.min(axis=1), following) - HALO
    low = np.maximum(tops.max(axis=1), following) + HALO
    start = across[:length:width]
    stop = start + width * (across[1] - across[0])
    values = strongest(levels, width)
    fill = colours(values, signed=signed)
    seen = fill[:, 3] > FAINT
    below = np.flatnonzero(seen & (values < 0)) if signed else np.zeros(0, int)
    ends, bar = lines_through(start[below], high[below], low[below])
    lines = below[bar]
    _bars(axes, start[lines], ends[:, 0], stop[lines], ends[:, 1], fill[lines])
    fill[below, 3] *= BETWEEN
    _bars(axes, *(each[seen] for each in (start, high, stop, low, fill)))


def _bars(axes: Axes, *bars: Float[np.ndarray, "bar *rgba"]) -> None:
    """Bars by their left, top, right, bottom and colour."""
    left, top, right, bottom, fill = bars
    corners = np.stack([left, top, left, bottom, right, bottom, right, top], axis=1)
    drawn = PolyCollection(
        list(corners.reshape(-1, 4, 2)),
        facecolors=fill,
        linewidths=0,
        antialiased=False,
        zorder=2,
    )
    drawn.set_rasterized(True)  # thousands of bars: a picture in PDF and SVG
    axes.add_collection(drawn)


def draw_key(
    axes: Axes, width: float, *, signed: bool, middle: float = -HEADER / 2, hatched: bool = True
) -> None:
    """The colour key, right of the title; its `middle` in mm from the top of the sheet."""
    words = ("lowers", "raises the prediction") if signed else ("0", "strong")
    left, right = width - 42.0, width - 22.0
    if signed:
        left, right = left - 14.0, right - 14.0
    across, down = np.meshgrid(np.arange(left, right, DOT), middle + np.arange(-1.2, 1.2, DOT))
    share = (across - left) / (right - left)
    values = (2 * share - 1 if signed else share).ravel()
    picture = colours(values, signed=signed).reshape(*across.shape, 4)
    if signed and hatched:
        between = (values < 0).reshape(across.shape) & ~on_line(across, down)
        picture[between, 3] *= BETWEEN
    place = (left, right, middle + 1.2, middle - 1.2)
    axes.imshow(picture, extent=place, aspect="auto", interpolation="nearest", zorder=2)
    axes.text(left - 1, middle, words[0], fontsize=7, ha="right", va="center", **TYPE)
    axes.text(right + 1, middle, words[1], fontsize=7, ha="left", va="center", **TYPE)
    axes.set(xlim=(0.0, width))


__all__ = [
    "LOWERS",
    "RAISES",
    "STRONG",
    "averaged_figure",
    "draw_key",
    "highlight",
    "twelve_lead_figure",
]
