"""Twelve leads of one ECG with a heatmap, and the scale of colours that heatmaps are drawn in."""

from collections.abc import Mapping
from typing import Any, Literal, cast

import numpy as np
from jaxtyping import Float, Int, Int8, UInt8
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from ...ecg import LEADS, V5
from ..style import TYPE, style
from .paper import (
    HEADER,
    Sheet,
    draw_marks,
    draw_name,
    draw_trace,
    paper_figure,
    places,
    small_multiples,
    time_axis,
    twelve_leads,
)

# The |attribution| below which the sorted |attributions| sum up to this share is drawn at full
# strength; what is above it would otherwise leave the rest of the map pale (Storås 2025, code).
SHOWN_SHARE = 0.9
LEVELS = 127  # of an int8, so that 0 stays exactly 0

# Dark blue against light orange: apart for every colour vision, and in grey print by lightness.
RAISES = (11, 79, 158)
LOWERS = (226, 104, 16)
STRONG = (74, 20, 134)  # unsigned maps: one hue, from paper to violet


def display_scale(heatmap: Float[np.ndarray, "..."]) -> float:
    """The |attribution| that is drawn at full strength; 0.0 for a map of zeros."""
    ordered = np.sort(np.abs(heatmap), axis=None).astype(np.float64)
    sums = np.cumsum(ordered)
    return float(ordered[np.searchsorted(sums, SHOWN_SHARE * sums[-1])])


def shown(heatmap: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """The map divided by its display scale and clipped to −1…1."""
    scale = display_scale(heatmap)
    if scale == 0.0:
        return np.zeros_like(heatmap)
    return np.clip(heatmap / scale, -1.0, 1.0)


def averaged(
    heatmap: Float[np.ndarray, "*batch lead time"], variant: Literal["paper", "code"] = "paper"
) -> Float[np.ndarray, "*batch time"]:
    """The study's "averaged" map over the leads (Storås 2025): mean of |attribution|.

    So the paper has it, and so the page. The published "code" takes |mean of the attributions|,
    where leads of opposite sign cancel.
    """
    if variant == "code":
        return np.abs(heatmap.mean(axis=-2))
    return np.abs(heatmap).mean(axis=-2)


def quantised(heatmap: Float[np.ndarray, "*shape"]) -> Int8[np.ndarray, "*shape"]:
    """The shown map in 255 levels: level / 127 × display_scale is the (clipped) attribution."""
    return np.rint(shown(heatmap) * LEVELS).astype(np.int8)


def strongest(
    values: Float[np.ndarray, "*batch time"], width: int
) -> Float[np.ndarray, "*batch new"]:
    """In each group of `width` samples the one of largest size, with its sign.

    A mean would let neighbours of opposite sign cancel, and a point that decides would vanish.
    """
    length = values.shape[-1] // width * width
    groups = values[..., :length].reshape(*values.shape[:-1], length // width, width)
    index = np.abs(groups).argmax(axis=-1)[..., None]
    return np.take_along_axis(groups, index, axis=-1)[..., 0]


def colours(levels: Float[np.ndarray, " point"], *, signed: bool) -> Float[np.ndarray, "point 4"]:
    """RGBA in 0…1 of shown values: hue by sign, opacity by size."""
    above, below = (RAISES, LOWERS) if signed else (STRONG, STRONG)
    rgb: UInt8[np.ndarray, "point 3"] = np.where(levels[:, None] >= 0, above, below)
    # 0.85: at full strength the grid is still to be seen through the colour.
    return np.column_stack([rgb / 255.0, 0.85 * np.abs(levels)])


EVERY, WIDE = 1.2, 0.6  # mm from line to line, and of a line
BETWEEN = 0.3  # share of the colour's opacity between the lines


def lines_through(
    left: Float[np.ndarray, " bar"], top: Float[np.ndarray, " bar"], low: Float[np.ndarray, " bar"]
) -> tuple[Float[np.ndarray, "piece 2"], Int[np.ndarray, " piece"]]:
    """Ends (mm from the top) of the pieces of oblique lines in narrow bars, and each piece's bar.

    A line rises by a millimetre per millimetre, from bar to bar.
    """
    first = np.floor((top + left) / EVERY).astype(int)
    count = np.floor((low + left) / EVERY).astype(int) - first + 1
    bar = np.repeat(np.arange(len(left)), count)
    number = np.arange(len(bar)) - np.repeat(np.cumsum(count) - count, count) + first[bar]
    start = number * EVERY - left[bar]
    ends = np.stack([np.maximum(start, top[bar]), np.minimum(start + WIDE, low[bar])], axis=1)
    there = ends[:, 1] > ends[:, 0]
    return ends[there], bar[there]


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
        # Paths of an array share their codes, seven times as quick as those of a list.
        cast("Any", corners.reshape(-1, 4, 2)),
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
        between = (values < 0).reshape(across.shape) & (np.mod(across + down, EVERY) >= WIDE)
        picture[between, 3] *= BETWEEN
    place = (left, right, middle + 1.2, middle - 1.2)
    axes.imshow(picture, extent=place, aspect="auto", interpolation="nearest", zorder=2)
    axes.text(left - 1, middle, words[0], fontsize=7, ha="right", va="center", **TYPE)
    axes.text(right + 1, middle, words[1], fontsize=7, ha="left", va="center", **TYPE)
    axes.set(xlim=(0.0, width))
