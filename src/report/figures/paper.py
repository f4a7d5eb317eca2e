"""ECG paper in millimetres: scale, grid and layout of leads.

The PNG figures and the canvas of the page are drawn from the same sheet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from textwrap import fill

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from ...ecg import LEADS
from ..style import INK, TYPE
from ..text.numerals import MINUS

MM_PER_MS = 0.025  # 25 mm/s
MM_PER_MV = 10.0
SQUARE = 5.0  # mm: 200 ms wide, 0.5 mV high
MARGIN = 15.0  # mm, left of the first column: mV axis and calibration pulse
GAP = 5.0  # mm between columns
TOP = 2.5  # mm, where the unit of the mV axis stands
CLEAR = 2.0  # mm kept free around a trace, for the colour of the heatmap
LETTER = 1.8  # mm, width and half height of a letter of a name
LONGEST_IN_COLUMNS_MS = 2600.0  # up to 2.5 s go side by side; longer strips get a row of their own
# The usual print: limb leads, augmented leads, V1–V3, V4–V6 from left to right.
CLINICAL = tuple(LEADS[column * 3 + row] for row in range(3) for column in range(4))


@dataclass(frozen=True)
class Cell:
    """A trace on the sheet: left end, middle of its name and 0 mV line, in mm from the top left."""

    name: str
    left: float
    label: float
    zero: float


@dataclass(frozen=True)
class Sheet:
    """A piece of ECG paper; `cells` row by row, `zeros` the 0 mV line of each row."""

    width: float
    height: float
    cell_width: float
    cells: tuple[Cell, ...]
    columns: int
    zeros: tuple[float, ...]

    def millivolt_marks(self) -> list[tuple[str, float]]:
        """Whole millivolts as (text, mm from the top), as far as they are nearest to their row.

        Below a row they end earlier: −1 of it beside +1 of the next would not say which is which.
        """
        edges = [TOP, *((a + b) / 2 for a, b in pairwise(self.zeros)), self.height - SQUARE + 2.0]
        return [
            (f"{mv:+d}".replace("-", MINUS) if mv else "0", zero - mv * MM_PER_MV)
            for zero, (above, below) in zip(self.zeros, pairwise(edges), strict=True)
            for mv in range(-9, 10)
            if above + 1.5 <= zero - mv * MM_PER_MV <= below - 3.5
        ]


def lay_out(
    names: Sequence[str],
    millivolts: Float[np.ndarray, "ecg cell time"],
    fs: float,
    columns: int,
    letter: float = LETTER,
) -> Sheet:
    """A sheet on which every ECG given has room, row by row, the zero lines on the 5-mm grid.

    As on an electrocardiograph's print, a deep S may reach into the next row where nothing is.
    `letter` is the width and half height (mm) of a letter of the names.
    """
    width = millivolts.shape[-1] / fs * 1000.0 * MM_PER_MS
    up = np.maximum(millivolts.max(axis=(0, 2)) * MM_PER_MV, 0.0)
    down = np.maximum(-millivolts.min(axis=(0, 2)) * MM_PER_MV, 0.0) + CLEAR
    over_name = [
        millivolts[:, cell, : max(1, int(len(name) * letter / width * millivolts.shape[-1]))].max()
        for cell, name in enumerate(names)
    ]
    label = np.maximum(np.array(over_name) * MM_PER_MV, 0.0) + CLEAR + letter
    cells: list[Cell] = []
    zeros: list[float] = []
    for first in range(0, len(names), columns):
        row = np.arange(first, min(first + columns, len(names)))
        label[row] = label[row].max()  # names of a row stand on one line
        need = np.maximum(up + CLEAR, label + letter)
        above = down[row - columns] if zeros else 0.0
        start = zeros[-1] if zeros else 0.0
        # The calibration pulse, 1 mV high, needs its room in every row as well.
        zero = start + _squares(max(float((above + need[row]).max()), MM_PER_MV + 2 * CLEAR))
        zeros.append(zero)
        for column, cell in enumerate(row.tolist()):
            left = MARGIN + column * (width + GAP)
            cells.append(Cell(names[cell], left, zero - float(label[cell]), zero))
    used = min(columns, len(names))
    height = zeros[-1] + _squares(float(down[-(len(names) % columns or columns) :].max()))
    return Sheet(
        width=_squares(MARGIN + used * (width + GAP)),
        height=height + SQUARE,
        cell_width=width,
        cells=tuple(cells),
        columns=used,
        zeros=tuple(zeros),
    )


def twelve_leads(x: Float[np.ndarray, "ecg 12 time"], fs: float, letter: float = LETTER) -> Sheet:
    """Three rows of four leads for a beat, twelve rows for a strip; x in µV."""
    wide = x.shape[-1] / fs * 1000.0 > LONGEST_IN_COLUMNS_MS
    names = LEADS if wide else CLINICAL
    millivolts = x[:, [LEADS.index(name) for name in names]] / 1000.0
    return lay_out(names, millivolts, fs, 1 if wide else 4, letter)


def small_multiples(labels: Sequence[str], x: Float[np.ndarray, "ecg time"], fs: float) -> Sheet:
    """The same trace (µV) once per label: four to a row for a beat, one for a strip."""
    wide = x.shape[-1] / fs * 1000.0 > LONGEST_IN_COLUMNS_MS
    stacked = np.repeat(x[:, None] / 1000.0, len(labels), axis=1)
    return lay_out(labels, stacked, fs, 1 if wide else 4)


@dataclass(frozen=True)
class TimeAxis:
    """Marks as (text or "", mm from the left of a cell), and the unit of the text."""

    marks: tuple[tuple[str, float], ...]
    unit: str


def time_axis(length: int, fs: float, origin: int, *, seconds: bool = False) -> TimeAxis:
    """Marks every 200 ms from `origin`, every second one named; a strip has whole seconds.

    A part of a strip has half `seconds`.
    """
    start, stop = -origin / fs * 1000.0, (length - origin) / fs * 1000.0
    strip = stop - start > LONGEST_IN_COLUMNS_MS
    every, named = (1000, 1000) if strip else (500, 500) if seconds else (200, 400)
    first = int(np.ceil(start / every)) * every
    marks = []
    for ms in range(first, int(stop) + 1, every):
        said = f"{ms / 1000 if strip or seconds else ms:g}".replace("-", MINUS)
        text = said if ms % named == 0 else ""
        marks.append((text, (ms - start) * MM_PER_MS))
    return TimeAxis(tuple(marks), "s" if strip or seconds else "ms")


def _squares(millimetres: float) -> float:
    return float(np.ceil(millimetres / SQUARE - 1e-9) * SQUARE)


PAPER, FINE, COARSE = "#fffdfb", "#f4e3df", "#e4bfb8"
HEADER = 9.0  # mm above the paper for the title and a colour key
ZOOM = 1.6  # figure millimetres per paper millimetre for a beat; a strip is drawn in true size
TITLE_LETTER = 1.85  # mm of the figure, width of a title's letter
WIDTH = 0.9  # points of a trace
WIDE = 200.0  # mm, from which on a sheet is a strip


def paper_figure(
    sheet: Sheet, title: str, taken: float = 0.0, zoom: float = ZOOM
) -> tuple[Figure, Axes]:
    """A bare sheet under its title, which leaves `taken` mm at the right; axes are in mm."""
    zoom = zoom if sheet.width < WIDE else 1.0
    inches = zoom / 25.4
    figure = Figure(figsize=(sheet.width * inches, (sheet.height + HEADER) * inches), dpi=150)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0.0, sheet.width), ylim=(sheet.height, -HEADER))
    axes.axis("off")
    draw_paper(axes, sheet)
    lines = fill(title, max(1, int((sheet.width - taken) * zoom / TITLE_LETTER)))
    axes.text(1.0, -HEADER / 2, lines, fontsize=9, va="center", **TYPE)
    return figure, axes


def draw_paper(axes: Axes, sheet: Sheet, *, fine: bool = True) -> None:
    """The sheet's colour and its lines: coarse ones every 5 mm, `fine` ones every millimetre."""
    axes.fill([0, sheet.width, sheet.width, 0], [0, 0, sheet.height, sheet.height], PAPER, zorder=0)
    for step, colour, width in ((1.0, FINE, 0.4), (SQUARE, COARSE, 0.6))[not fine :]:
        across = np.arange(0.0, sheet.width + 0.5, step)
        down = np.arange(0.0, sheet.height + 0.5, step)
        lines = [[(mm, 0.0), (mm, sheet.height)] for mm in across]
        lines += [[(0.0, mm), (sheet.width, mm)] for mm in down]
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=width, zorder=1))


def places(
    left: float, zero: float, x: Float[np.ndarray, " time"], fs: float
) -> tuple[Float[np.ndarray, " time"], Float[np.ndarray, " time"]]:
    """Where each sample (µV) of a trace lies: mm from the left and from the top."""
    across = left + np.arange(len(x)) / fs * 1000.0 * MM_PER_MS
    return across, zero - x / 1000.0 * MM_PER_MV


def draw_trace(
    axes: Axes,
    left: float,
    zero: float,
    x: Float[np.ndarray, " time"],
    fs: float,
    width: float = WIDTH,
) -> None:
    """The trace (µV) as a line of ink, `width` points wide."""
    across, down = places(left, zero, x, fs)
    axes.plot(across, down, color=INK, linewidth=width, solid_joinstyle="round", zorder=3)


def draw_name(axes: Axes, left: float, middle: float, name: str, size: float = 8.0) -> None:
    """The name of a trace above its beginning, `size` in points."""
    axes.text(left + 0.3, middle, name, fontsize=size, fontweight="bold", va="center", **TYPE)


def draw_marks(axes: Axes, sheet: Sheet, *times: TimeAxis, millivolts: bool = True) -> None:
    """Calibration pulses of 1 mV, the mV axis of every row and the time axis of every column.

    `times` is one for all columns, or one for each. Without `millivolts` the pulses alone say how
    high the traces are.
    """
    for zero in sheet.zeros:
        pulse = [(8.0, zero), (9.0, zero), (9.0, zero - 10), (14.0, zero - 10), (14.0, zero)]
        axes.plot(*zip(*pulse, strict=True), color=INK, linewidth=WIDTH, zorder=3)
    small = {"fontsize": 6, "va": "center", **TYPE}
    if millivolts:
        axes.text(5.0, TOP / 2, "mV", ha="right", **small)
    for text, down in sheet.millivolt_marks() if millivolts else ():
        axes.plot([5.5, 6.5], [down, down], color=INK, linewidth=0.6)
        axes.text(5.0, down, text, ha="right", **small)
    bottom = sheet.height - SQUARE
    for number, cell in enumerate(sheet.cells[: sheet.columns]):
        line = [cell.left, cell.left + sheet.cell_width], [bottom, bottom]
        axes.plot(*line, color=INK, linewidth=0.6)
        for text, across in times[number % len(times)].marks:
            at = cell.left + across
            axes.plot([at, at], [bottom, bottom + 0.8], color=INK, linewidth=0.6)
            axes.text(at, bottom + 2.6, text, ha="center", **small)
    axes.text(sheet.width - 0.8, bottom + 2.6, times[0].unit, ha="right", **small)
