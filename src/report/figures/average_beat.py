"""The average beat of a group of ECGs with its mean relevance, in true size for a journal.

Each trace stands on paper at 25 mm/s and 10 mm/mV, coloured as the heatmaps are. Under it a strip
has the mean relevance with its 95 % interval: above its line it raises the output, below it lowers
it, so that the sign is to be seen without colour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from ..style import GREY, INK, TYPE
from ..text.numerals import number
from .display import LOWERS, RAISES, colours
from .drawn_paper import draw_marks, draw_name, draw_trace, paper_figure, places
from .ecg import draw_key
from .paper import CLEAR, CLINICAL, MM_PER_MV, Cell, Sheet, lay_out, time_axis

HALO = 1.2  # mm of colour above and below the trace
STRIP = 8.0  # mm, of which half is for each sign
STEPS = 8  # strengths of colour of a sign: neighbours of one strength are one shape
FAINT = 0.06  # half a step
SEEN = 0.005  # of a strip's half: 0.02 mm, thinner than any line
EVERY = 2  # samples of 2 ms; more would be to see for nobody, and a page of them heavy
ABREAST = 4  # beats to a row: 155 mm of 1.2 s each, within a journal's 180
FIRST, SECOND = -6.9, -2.9  # mm from the top, two lines of heading


@dataclass(frozen=True, eq=False)
class Trace:
    """One lead of an average beat: µV, mean relevance, and the ends of its interval.

    Of every second sample: 4 ms are 0.1 mm.
    """

    ms: Float[np.ndarray, " time"]
    x: Float[np.ndarray, " time"]
    relevance: Float[np.ndarray, " time"]
    low: Float[np.ndarray, " time"]
    high: Float[np.ndarray, " time"]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "Trace":
        """From the rows of one lead and group of a finding's table."""
        columns = ("ms", "x", "relevance", "low", "high")
        return cls(*(rows[name].to_numpy(float)[::EVERY] for name in columns))


def twelve_leads_of(rows: pd.DataFrame) -> dict[str, Trace]:
    """The leads of one group in the order of the usual print."""
    return {lead: Trace.of(rows.loc[rows["lead"] == lead]) for lead in CLINICAL}


def strength(traces: Sequence[Trace]) -> float:
    """The |relevance| at which colour and strips are full: the largest mean; 1 where all are 0."""
    return max(float(np.abs(trace.relevance).max()) for trace in traces) or 1.0


def average_beat_figure(
    traces: Mapping[str, Trace], title: str, full: float, unit: str = ""
) -> Figure:
    """Average beats by their labels, four to a row; `full` is the height of a strip's half."""
    labels, each = [*traces], [*traces.values()]
    step = each[0].ms[1] - each[0].ms[0]
    fs, origin = 1000.0 / step, round(-each[0].ms[0] / step)
    sheet, deep = _sheet(labels, np.stack([trace.x for trace in each]), fs)
    figure, axes = paper_figure(sheet, "", zoom=1.0)
    axes.text(1.0, FIRST, title, fontsize=7.5, va="center", **TYPE)
    text = f"{f'Strips: ± {number(full)} {unit}'.rstrip()}; grey: 95 % interval"
    axes.text(1.0, SECOND, text, fontsize=6, va="center", **TYPE)
    # Without hatching: the strips tell the sign, above and below their lines.
    draw_key(axes, sheet.width, signed=True, middle=SECOND, hatched=False)
    for place, (cell, trace) in enumerate(zip(sheet.cells, each, strict=True)):
        row, column = divmod(place, sheet.columns)
        _halo(axes, cell, trace, full, fs)
        draw_trace(axes, cell.left, cell.zero, trace.x, fs)
        draw_name(axes, cell.left, cell.label, cell.name)
        _strip(axes, cell, trace, cell.zero + deep[row], full, fs)
        if column == 0:
            _scale(axes, cell.left - 0.8, cell.zero + deep[row])
    draw_marks(axes, sheet, time_axis(len(each[0].x), fs, origin))
    return figure


def _sheet(
    labels: Sequence[str], x: Float[np.ndarray, "cell time"], fs: float
) -> tuple[Sheet, list[float]]:
    """A sheet with room for a strip under each row, and how far below 0 mV a row's strips lie."""
    rows = [slice(at, at + ABREAST) for at in range(0, len(labels), ABREAST)]
    millivolts = x / 1000.0
    deepest = [max(0.0, -float(millivolts[row].min())) * MM_PER_MV for row in rows]
    deep = [each + CLEAR + STRIP / 2 for each in deepest]
    lowest = np.concatenate(
        [np.full(len(millivolts[row]), -(d + STRIP / 2)) for row, d in zip(rows, deep, strict=True)]
    )
    room = np.broadcast_to(lowest[:, None] / MM_PER_MV, millivolts.shape)
    return lay_out(labels, np.stack([millivolts, room]), fs, ABREAST), deep


def _strip(axes: Axes, cell: Cell, trace: Trace, line: float, full: float, fs: float) -> None:
    """Mean relevance with its interval, on a line of its own."""
    across, _ = places(cell.left, cell.zero, trace.x, fs)

    def down(values: Float[np.ndarray, " time"]) -> Float[np.ndarray, " time"]:
        return line - np.clip(values / full, -1, 1) * STRIP / 2

    mean = down(trace.relevance)
    for colour, raises in ((RAISES, True), (LOWERS, False)):
        where = trace.relevance > SEEN * full if raises else trace.relevance < -SEEN * full
        rgb = tuple(value / 255 for value in colour)
        axes.fill_between(across, line, mean, where=where, color=rgb, linewidth=0, zorder=2.2)
    ends = down(trace.low), down(trace.high)
    wide = trace.high - trace.low > SEEN * full
    axes.fill_between(across, *ends, where=wide, color=GREY, alpha=0.6, linewidth=0, zorder=2.4)
    axes.plot(across[[0, -1]], [line, line], color=GREY, linewidth=0.4, zorder=2.6)
    axes.plot(across, mean, color=INK, linewidth=0.35, zorder=3)


def _scale(axes: Axes, left: float, line: float) -> None:
    """The height of a strip, left of a row's first."""
    axes.plot(
        [left, left], [line - STRIP / 2, line + STRIP / 2], color=INK, linewidth=0.8, zorder=3
    )


def _halo(axes: Axes, cell: Cell, trace: Trace, full: float, fs: float) -> None:
    """Colour around the trace where its relevance is sure: its interval leaves 0 out."""
    across, down = places(cell.left, cell.zero, trace.x, fs)
    sure = (trace.low > 0) | (trace.high < 0)
    levels = np.where(sure, np.clip(trace.relevance / full, -1, 1), 0.0)
    levels = np.sign(levels) * np.ceil(np.abs(levels) * STEPS - 0.5) / STEPS
    starts = np.flatnonzero(np.diff(levels, prepend=np.inf))
    shapes, fills = [], []
    for start, stop in zip(starts, [*starts[1:], len(levels)], strict=True):
        if abs(levels[start]) > FAINT:
            reach = slice(start, min(stop + 1, len(levels)))  # to where the next shape begins
            shapes.append(_around(across[reach], down[reach]))
            fills.append(levels[start])
    if shapes:
        axes.add_collection(
            PolyCollection(
                shapes, facecolors=colours(np.array(fills), signed=True), linewidths=0, zorder=2
            )
        )


def _around(
    across: Float[np.ndarray, " point"], down: Float[np.ndarray, " point"]
) -> Float[np.ndarray, "corner 2"]:
    """What lies within HALO above and below the trace, steep slopes from top to bottom."""
    high = np.minimum(down, np.append(down[1:], down[-1])) - HALO
    low = np.maximum(down, np.append(down[1:], down[-1])) + HALO
    there, back = np.stack([across, high], 1), np.stack([across, low], 1)[::-1]
    return np.concatenate([there, back])
