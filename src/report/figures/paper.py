"""ECG paper in millimetres: where each lead stands, and where the axes have their marks.

The PNG figures and the canvas of the page are drawn from the same sheet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from ...ecg import LEADS
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
        """Whole millivolts as (text, mm from the top), as far as they are nearest to their row."""
        edges = [TOP, *((a + b) / 2 for a, b in pairwise(self.zeros)), self.height - SQUARE]
        return [
            (f"{mv:+d}".replace("-", MINUS) if mv else "0", zero - mv * MM_PER_MV)
            for zero, (above, below) in zip(self.zeros, pairwise(edges), strict=True)
            for mv in range(-9, 10)
            if above + 1.5 <= zero - mv * MM_PER_MV <= below - 1.5
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


def time_axis(length: int, fs: float, origin: int) -> TimeAxis:
    """Marks every 200 ms from `origin`, every second one named; a strip has whole seconds."""
    start, stop = -origin / fs * 1000.0, (length - origin) / fs * 1000.0
    strip = stop - start > LONGEST_IN_COLUMNS_MS
    every, named = (1000, 1000) if strip else (200, 400)
    first = int(np.ceil(start / every)) * every
    marks = []
    for ms in range(first, int(stop) + 1, every):
        text = str(ms // 1000 if strip else ms).replace("-", MINUS) if ms % named == 0 else ""
        marks.append((text, (ms - start) * MM_PER_MS))
    return TimeAxis(tuple(marks), "s" if strip else "ms")


def _squares(millimetres: float) -> float:
    return float(np.ceil(millimetres / SQUARE - 1e-9) * SQUARE)
