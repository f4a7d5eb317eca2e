"""Traces on ECG paper, drawn in millimetres; what lies under a trace is its caller's."""

from textwrap import fill

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from ..style import INK, TYPE
from .paper import MM_PER_MS, MM_PER_MV, SQUARE, TOP, Cell, Sheet, TimeAxis, lay_out, time_axis

PAPER, FINE, COARSE = "#fffdfb", "#f4e3df", "#e4bfb8"
HEADER = 9.0  # mm above the paper for the title and a colour key
ZOOM = 1.6  # figure millimetres per paper millimetre for a beat; a strip is drawn in true size
ENLARGED = 3.0  # of true size: names beside a trace need room
LETTER = 1.85  # mm of the figure, width of a title's letter
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
    lines = fill(title, int((sheet.width - taken) * zoom / LETTER))
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
    axes.text(
        left + 0.3,
        middle,
        name,
        fontsize=size,
        fontweight="bold",
        color=INK,
        va="center",
        parse_math=False,
    )


def draw_marks(axes: Axes, sheet: Sheet, time: TimeAxis, *, millivolts: bool = True) -> None:
    """Calibration pulses of 1 mV, the mV axis of every row and the ms axis of every column.

    Without `millivolts` the pulses alone say how high the traces are.
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
    for cell in sheet.cells[: sheet.columns]:
        line = [cell.left, cell.left + sheet.cell_width], [bottom, bottom]
        axes.plot(*line, color=INK, linewidth=0.6)
        for text, across in time.marks:
            at = cell.left + across
            axes.plot([at, at], [bottom, bottom + 0.8], color=INK, linewidth=0.6)
            axes.text(at, bottom + 2.6, text, ha="center", **small)
    axes.text(sheet.width - 0.8, bottom + 2.6, time.unit, ha="right", **small)


def lead_figure(
    x: Float[np.ndarray, " time"], fs: float, origin: int, name: str, title: str, room_mv: float
) -> tuple[Figure, Axes, Cell]:
    """One lead (µV) enlarged, to be annotated: the figure, its axes in mm, and where the lead is.

    Time is counted from sample `origin`; `room_mv` is left free below the trace.
    """
    deep = x.copy()
    deep[0] = x.min() - room_mv * 1000.0
    sheet = lay_out([name], deep[None, None] / 1000.0, fs, columns=1)
    figure, axes = paper_figure(sheet, title, zoom=ENLARGED)
    cell = sheet.cells[0]
    draw_trace(axes, cell.left, cell.zero, x, fs)
    draw_name(axes, cell.left, cell.label, cell.name)
    draw_marks(axes, sheet, time_axis(len(x), fs, origin))
    return figure, axes, cell
