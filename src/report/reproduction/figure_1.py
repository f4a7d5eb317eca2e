"""One beat of V5 with its intervals and amplitudes marked (the study's figure 1)."""

import numpy as np
from jaxtyping import Bool, Int8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...ecg import BIT, V5
from ...eval import Gallery
from ..figures.drawn_paper import draw_marks, draw_name, draw_trace, paper_figure
from ..figures.paper import MM_PER_MS, MM_PER_MV, lay_out, time_axis
from ..style import BLUE, TYPE, VERMILION
from ..views.gallery import origin

# Intervals as the waves that they span, and millimetres of their brackets below the deepest trace.
INTERVALS = {"PR": (("P", "PQ"), 3.0), "QRS": (("QRS",), 3.0), "QT": (("QRS", "ST", "T"), 7.0)}
ROOM_MV = 1.1  # below the trace, for two rows of brackets
ZOOM = 3.0  # of true size: the brackets need room for their names
LEVEL_MS = 16.0  # before QRS onset: the level of the amplitudes


def measured_figure(gallery: Gallery, record: str) -> Figure:
    """PR, QRS and QT as brackets, R, J and T as arrows from the level before QRS (µV to mV).

    What was not delineated in this ECG is left out.
    """
    place = gallery.records.index(record)
    x, mask, fs = gallery.x[place, V5], gallery.segments[place], gallery.fs
    deep = x.copy()
    deep[0] = x.min() - ROOM_MV * 1000.0
    sheet = lay_out(["V5"], deep[None, None] / 1000.0, fs, columns=1)
    figure, axes = paper_figure(sheet, f"ECG {record}, lead V5", zoom=ZOOM)
    cell = sheet.cells[0]
    draw_trace(axes, cell.left, cell.zero, x, fs)
    draw_name(axes, cell.left, cell.label, cell.name)

    def across(sample: float) -> float:
        return cell.left + sample / fs * 1000.0 * MM_PER_MS

    def down(microvolts: float) -> float:
        return cell.zero - microvolts / 1000.0 * MM_PER_MV

    lowest = down(float(x.min()))
    for name, (waves, below) in INTERVALS.items():
        inside = _inside(mask, waves)
        if inside.any():
            first, last = np.flatnonzero(inside)[[0, -1]]
            _bracket(axes, name, (across(first), across(last)), lowest + below)
    if (inside := _inside(mask, ("QRS",))).any():
        onset, end = np.flatnonzero(inside)[[0, -1]]
        level = float(x[max(0, onset - round(LEVEL_MS * fs / 1e3)) : onset + 1].mean())
        peaks = {"R": int(onset + x[onset : end + 1].argmax()), "J": int(end)}
        if (late := _inside(mask, ("T",))).any():
            samples = np.flatnonzero(late)
            peaks["T"] = int(samples[np.abs(x[samples] - level).argmax()])
        for name, sample in peaks.items():
            at, ends = across(sample), (down(level), down(float(x[sample])))
            axes.plot([at, at], ends, color=VERMILION, linewidth=1.4, zorder=4)
            axes.plot(at, ends[1], "o", color=VERMILION, markersize=4, zorder=4)
            look = {**TYPE, "color": VERMILION}
            axes.text(at + 0.5, min(ends) - 1.2, name, fontsize=9, va="center", **look)
    draw_marks(axes, sheet, time_axis(len(x), fs, origin(mask[None])))
    return figure


def _inside(mask: Int8[np.ndarray, " time"], waves: tuple[str, ...]) -> Bool[np.ndarray, " time"]:
    return (mask & sum(BIT[wave] for wave in waves)) != 0


def _bracket(axes: Axes, name: str, ends: tuple[float, float], at: float) -> None:
    left, right = ends
    axes.plot([left, left, right, right], [at - 0.8, at, at, at - 0.8], color=BLUE, linewidth=1.4)
    axes.text(
        (left + right) / 2,
        at + 1.3,
        name,
        fontsize=9,
        ha="center",
        va="center",
        **{**TYPE, "color": BLUE},
    )
