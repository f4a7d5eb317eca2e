"""Heatmaps beside each other at a width of print.

Type and headings are laid out in millimetres of the print, paper and traces in those of the ECG.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from ecglens.report import TYPE
from ecglens.report.figures import (
    GAP,
    MARGIN,
    MM_PER_MS,
    Cell,
    Sheet,
    averaged,
    draw_key,
    draw_marks,
    draw_name,
    draw_paper,
    draw_trace,
    highlight,
    lay_out,
    places,
    shown,
    time_axis,
)
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BAND = "#0b4f9e"  # as the page's accent; 12 % of it leaves the paper's lines to be seen
OPACITY = 0.12
MM = 1 / 25.4  # inches
HEAD, TITLE, APART = 5.0, 4.5, 2.0  # mm for the key, for a line of headings, and between panels
SPEED = "25 mm/s, 10 mm/mV"
BOLD = {"fontsize": 7, "fontweight": "bold", "va": "center", **TYPE}
# Below this share of true size 1 mm of the paper is thinner than its line, and the line a blur.
FINE = 0.6
FULL = 0.7  # and numbers of 6 points have no room left of the pulses
ROWS_ZOOM = 1.3  # three beats fill a text column of 160 mm, with room for the names of rows
KEY_ROOM = 8.0  # mm that the key leaves at its right


@dataclass(frozen=True, eq=False)
class Trace:
    """A lead (µV) with what is drawn around it, from −1 to 1; nothing where there is no map."""

    x: Float[np.ndarray, " time"]
    levels: Float[np.ndarray, " time"] | None
    region: Bool[np.ndarray, " time"] = field(default_factory=lambda: np.zeros(0, bool))


@dataclass(frozen=True, eq=False)
class Panel:
    """A sheet with its traces in the order of its cells; `headings` are those of its columns."""

    sheet: Sheet
    traces: tuple[Trace, ...]
    title: str = ""
    headings: tuple[str, ...] = ()

    @property
    def above(self) -> float:
        """Millimetres above the paper."""
        return TITLE * (bool(self.title) + bool(self.headings))


@dataclass(frozen=True)
class Scale:
    """Rate of the traces (Hz), sample that time is counted from, and whether maps have signs."""

    fs: float
    origin: int
    signed: bool


def maps_figure(panels: Sequence[Panel], scale: Scale, width_mm: float, abreast: int = 1) -> Figure:
    """Panels with sheets of one size, row by row, under the speed of the paper and the colour key.

    `width_mm` is that of the whole figure.
    """
    each = (width_mm - (abreast - 1) * APART) / abreast
    zoom = each / panels[0].sheet.width
    rows = [panels[at : at + abreast] for at in range(0, len(panels), abreast)]
    heights = [max(one.above + one.sheet.height * zoom for one in row) for row in rows]
    height = HEAD + sum(heights) + APART * (len(rows) - 1)
    figure = Figure(figsize=(width_mm * MM, height * MM), dpi=150)
    page = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    page.set(xlim=(0.0, width_mm), ylim=(height, 0.0))
    page.axis("off")
    page.text(1.0, HEAD / 2, SPEED, fontsize=6, va="center", **TYPE)
    draw_key(page, width_mm + KEY_ROOM, signed=scale.signed, middle=HEAD / 2)
    page.set(xlim=(0.0, width_mm))
    down = HEAD
    for row, tall in zip(rows, heights, strict=True):
        for column, panel in enumerate(row):
            left, top = column * (each + APART), down + panel.above
            _headings(page, panel, left, down, zoom)
            size = (each, panel.sheet.height * zoom)
            place = (left / width_mm, 1 - (top + size[1]) / height)
            axes = figure.add_axes((*place, size[0] / width_mm, size[1] / height))
            draw_panel(axes, panel, scale, zoom)
        down += tall + APART
    return figure


def averaged_rows_figure(
    x: Float[np.ndarray, " time"],
    rows: Mapping[str, Sequence[Float[np.ndarray, "12 time"] | None]],
    headings: tuple[str, ...],
    fs: float,
    origin: int,
) -> Figure:
    """One lead (µV) under maps averaged over the leads: a row per label, a column per heading.

    Time is counted from sample `origin`; where a map is None, the trace is bare.
    """
    every = [(label, heatmap) for label, maps in rows.items() for heatmap in maps]
    cells = np.repeat(x[None, None] / 1000.0, len(every), axis=1)
    sheet = lay_out([label for label, _ in every], cells, fs, len(headings))
    traces = tuple(Trace(x, None if one is None else shown(averaged(one))) for _, one in every)
    panel = Panel(sheet, traces, headings=headings)
    return maps_figure([panel], Scale(fs, origin, signed=False), sheet.width * ROWS_ZOOM)


def _headings(page: Axes, panel: Panel, left: float, down: float, zoom: float) -> None:
    middle = down + TITLE / 2
    if panel.title:
        page.text(left + 1.0, middle, panel.title, ha="left", **BOLD)
        middle += TITLE
    for cell, text in zip(panel.sheet.cells, panel.headings, strict=False):
        across = left + (cell.left + panel.sheet.cell_width / 2) * zoom
        page.text(across, middle, text, ha="center", **BOLD)


def draw_panel(axes: Axes, panel: Panel, scale: Scale, zoom: float) -> None:
    """The panel's paper and traces; `zoom` is the share of true size that the axes have."""
    sheet = panel.sheet
    axes.set(xlim=(0.0, sheet.width), ylim=(sheet.height, 0.0))
    axes.axis("off")
    draw_paper(axes, sheet, fine=zoom >= FINE)
    for cell, trace in zip(sheet.cells[: sheet.columns], panel.traces, strict=False):
        draw_bands(axes, sheet, cell, trace.region, scale.fs)
    for cell, trace in zip(sheet.cells, panel.traces, strict=True):
        if trace.levels is not None:
            line = places(cell.left, cell.zero, trace.x, scale.fs)
            highlight(axes, line, trace.levels, signed=scale.signed)
        draw_trace(axes, cell.left, cell.zero, trace.x, scale.fs, 0.9 if zoom >= FINE else 0.6)
        draw_name(axes, cell.left, cell.label, cell.name, size=7)
    time = time_axis(len(panel.traces[0].x), scale.fs, scale.origin)
    draw_marks(axes, sheet, time, millivolts=zoom >= FULL)


def true_size(cell_width: float, width_mm: float) -> int:
    """How many traces of this width stand side by side in true size; one at the least."""
    return max(1, int((width_mm - MARGIN) // (cell_width + GAP)))


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
