"""Relevance averaged over ECGs: on the average beat, by lead, by output and by wave.

Each trace stands on paper at 25 mm/s and 10 mm/mV, coloured as the heatmaps are. Under it a strip
has the mean relevance with its 95 % interval: above its line it raises the output, below it lowers
it, so that the sign is to be seen without colour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ecglens.report import GREY, INK, PALETTE, RULE, TYPE, readable_on, style
from ecglens.report.figures import (
    CLEAR,
    CLINICAL,
    LOWERS,
    MM_PER_MV,
    RAISES,
    Cell,
    Sheet,
    colours,
    draw_key,
    draw_marks,
    draw_name,
    draw_trace,
    lay_out,
    paper_figure,
    places,
    quiet,
    shown,
    time_axis,
)
from ecglens.report.text import MINUS, number
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

BLUE, VERMILION, GREEN, PURPLE = PALETTE[:4]
WIDTH = 7.0  # inches, of a journal's page
HALO = 1.2  # mm of colour above and below the trace
STRIP = 8.0  # mm, of which half is for each sign
STEPS = 8  # strengths of colour of a sign: neighbours of one strength are one shape
FAINT = 0.06  # half a step
SEEN = 0.005  # of a strip's half: 0.02 mm, thinner than any line
EVERY = 2  # samples of 2 ms; more would be invisible and make the page heavy
ABREAST = 4  # beats to a row: 155 mm of 1.2 s each, within a journal's 180
FIRST, SECOND = -6.9, -2.9  # mm from the top, two lines of heading


@dataclass(frozen=True, eq=False)
class MeanTrace:
    """One lead of an average beat: µV, mean relevance, and the ends of its interval.

    Of every second sample: 4 ms are 0.1 mm.
    """

    ms: Float[np.ndarray, " time"]
    x: Float[np.ndarray, " time"]
    relevance: Float[np.ndarray, " time"]
    low: Float[np.ndarray, " time"]
    high: Float[np.ndarray, " time"]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "MeanTrace":
        """From the rows of one lead and group of a finding's table."""
        columns = ("ms", "x", "relevance", "low", "high")
        return cls(*(rows[name].to_numpy(float)[::EVERY] for name in columns))


def twelve_leads_of(rows: pd.DataFrame) -> dict[str, MeanTrace]:
    """The leads of one group in the order of the usual print."""
    return {lead: MeanTrace.of(rows.loc[rows["lead"] == lead]) for lead in CLINICAL}


def strength(traces: Sequence[MeanTrace]) -> float:
    """The |relevance| at which colour and strips are full: the largest mean; 1 where all are 0."""
    return max(float(np.abs(trace.relevance).max()) for trace in traces) or 1.0


def average_beat_figure(
    traces: Mapping[str, MeanTrace], title: str, full: float, unit: str = ""
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


def _strip(axes: Axes, cell: Cell, trace: MeanTrace, line: float, full: float, fs: float) -> None:
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


def _halo(axes: Axes, cell: Cell, trace: MeanTrace, full: float, fs: float) -> None:
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
    """Outline HALO above and below the trace, steep slopes from top to bottom."""
    high = np.minimum(down, np.append(down[1:], down[-1])) - HALO
    low = np.maximum(down, np.append(down[1:], down[-1])) + HALO
    there, back = np.stack([across, high], 1), np.stack([across, low], 1)[::-1]
    return np.concatenate([there, back])


HEIGHT = 2.0  # inches of one system of leads
# Groups are told apart by marker and colour.
GROUP_LOOKS = ((VERMILION, "o"), (BLUE, "s"), (GREEN, "^"), (PURPLE, "D"))
SYSTEMS = {12: "The 12 leads that are read", 8: "The 8 independent leads"}


def by_lead_figure(rows: pd.DataFrame, title: str, unit: str = "") -> Figure:
    """A row of dots with intervals for each system of leads; `rows` are those of one method.

    The lower row is left out where the method's maps of 8 leads do not follow from those of 12.
    """
    systems = [system for system in SYSTEMS if system in set(rows["leads"])]
    groups = list(dict.fromkeys(rows["group"]))
    figure = Figure(figsize=(WIDTH, 0.6 + HEIGHT * len(systems)), dpi=150, layout="constrained")
    for axes, system in zip(
        figure.subplots(len(systems), 1, squeeze=False)[:, 0], systems, strict=True
    ):
        _system(axes, rows.loc[rows["leads"] == system], groups)
        axes.set_ylabel(f"mean relevance{f', {unit}' if unit else ''}", fontsize=7, **TYPE)
        quiet(axes, SYSTEMS[system], 8.0)
        axes.tick_params(labelsize=7)
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(),
        fontsize=7,
        frameon=False,
        ncols=len(groups),
        loc="outside lower center",
    )
    figure.suptitle(title, fontsize=8.5, x=0.01, ha="left", **TYPE)
    return figure


def _system(axes: Axes, rows: pd.DataFrame, groups: Sequence[str]) -> None:
    leads = list(dict.fromkeys(rows["lead"]))
    axes.axhline(0, color=GREY, linewidth=0.6)
    for place, group in enumerate(groups):
        ours = rows.loc[rows["group"] == group]
        across = np.arange(len(leads)) + (place - (len(groups) - 1) / 2) * 0.18
        colour, marker = GROUP_LOOKS[place % len(GROUP_LOOKS)]
        ends = (ours["mean"] - ours["mean_low"], ours["mean_high"] - ours["mean"])
        axes.errorbar(
            across,
            ours["mean"],
            yerr=np.stack(ends),
            fmt=marker,
            color=colour,
            markersize=3.5,
            linewidth=1.0,
            label=group,
        )
    axes.set_xticks(range(len(leads)), leads, **TYPE)
    axes.grid(axis="y", color=RULE, linewidth=0.5)
    axes.tick_params(colors=INK)


# Methods in a row and inches of a row, for few and for many methods; MOST of them fill a page.
FEW, MANY, MOST = (3, 1.7), (4, 1.5), 12
OUTCOME_LOOKS = {
    "TP": (BLUE, "o"),
    "FP": (VERMILION, "^"),
    "TN": (GREEN, "s"),
    "FN": (PURPLE, "v"),
    "": (BLUE, "o"),
}


def by_output_figure(rows: pd.DataFrame, title: str, axis: str, unit: str) -> Figure:
    """A finding per method: means over ECGs of like output and outcome, with intervals.

    The dashed line is f(x) − f(0) of the same ECGs, drawn where the map is in that `unit`: on it a
    method says what the output says. Hollow: the network errs.
    """
    methods = list(dict.fromkeys(rows["method"]))
    abreast, height = FEW if len(methods) <= MOST else MANY
    columns = min(abreast, len(methods))
    down = -(-len(methods) // columns)
    figure = Figure(figsize=(WIDTH, 0.6 + height * down), dpi=150, layout="constrained")
    grid = figure.subplots(down, columns, squeeze=False, sharex=True)
    for axes, method in zip(grid.flat, methods, strict=False):
        _method(axes, rows.loc[rows["method"] == method], unit)
        quiet(axes, style(method).label, 8.0)
        axes.tick_params(labelsize=6.5)
        axes.yaxis.label.set_fontsize(7)
    for axes in grid.flat[len(methods) :]:
        axes.remove()
    for axes in grid.flat[max(0, len(methods) - columns) : len(methods)]:
        axes.tick_params(labelbottom=True)  # the lowest of its column
    figure.supxlabel(axis, fontsize=7.5, **TYPE)
    figure.supylabel("sum of relevance", fontsize=7.5, **TYPE)
    handles, labels = grid.flat[0].get_legend_handles_labels()
    if any(labels):
        figure.legend(handles, labels, loc="upper right", ncols=4, fontsize=7, frameon=False)
    figure.suptitle(title, fontsize=8.5, x=0.01, ha="left", **TYPE)
    return figure


def _method(axes: Axes, rows: pd.DataFrame, unit: str) -> None:
    axes.axhline(0, color=GREY, linewidth=0.6)
    if np.isfinite(rows["excess"].to_numpy(float)).any():
        line = rows.sort_values("output")
        axes.plot(line["output"], line["change"], color=GREY, linestyle="--", linewidth=1.0)
        axes.set_ylabel(unit)
    for outcome, (colour, marker) in OUTCOME_LOOKS.items():
        ours = rows.loc[rows["outcome"].fillna("") == outcome]
        if not len(ours):
            continue
        middle = ours["relevance"]
        ends = np.stack([middle - ours["relevance_low"], ours["relevance_high"] - middle])
        axes.errorbar(
            ours["output"],
            middle,
            yerr=ends,
            fmt=marker,
            color=colour,
            markerfacecolor="white" if outcome in ("FP", "FN") else colour,
            markersize=4,
            linewidth=1.0,
            label=outcome,
        )
    axes.grid(axis="y", color=RULE, linewidth=0.5)
    axes.ticklabel_format(axis="y", style="sci", scilimits=(-2, 3))
    axes.yaxis.get_offset_text().set_fontsize(6)


ROW = 0.19  # inches for a lead


def wave_table_figure(rows: pd.DataFrame, title: str) -> Figure:
    """A table per group side by side: the share of |relevance| in percent, coloured by the mean.

    `rows` are those of one method and output in a finding's `by_wave`. A number has the sign of the
    signed mean, and is bold where its interval leaves 0 out: colours are not needed to read it.
    """
    groups = list(dict.fromkeys(rows["group"]))
    leads, segments = (list(dict.fromkeys(rows[name])) for name in ("lead", "segment"))
    figure = Figure(figsize=(WIDTH, 0.8 + ROW * len(leads)), dpi=150, layout="constrained")
    grid = figure.subplots(1, len(groups), squeeze=False, sharey=True)[0]
    every = shown(rows["mean"].fillna(0.0).to_numpy(float))
    strengths = pd.Series(every, index=rows.index)
    for axes, group in zip(grid, groups, strict=True):
        ours = rows.loc[rows["group"] == group]
        cells = ours.assign(strength=strengths[ours.index]).to_dict("records")
        for cell in cells:
            _cell(axes, segments.index(cell["segment"]), leads.index(cell["lead"]), cell)
        axes.set(xlim=(0, len(segments)), ylim=(len(leads), 0))
        axes.set_xticks(np.arange(len(segments)) + 0.5, segments, **TYPE)
        quiet(axes, group, 8.0)
        axes.tick_params(length=0, labelsize=7)
        axes.spines[["left", "bottom"]].set_visible(False)
    grid[0].set_yticks(np.arange(len(leads)) + 0.5, leads, **TYPE)
    figure.suptitle(title, fontsize=8.5, x=0.01, ha="left", **TYPE)
    return figure


def _cell(axes: Axes, column: int, row: int, cell: dict) -> None:
    colour = colours(np.array([cell["strength"]]), signed=True)[0]
    axes.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, edgecolor=RULE, linewidth=0.4))
    if np.isnan(cell["share"]):
        return
    red, green, blue, opacity = colour.tolist()
    sure = cell["mean_low"] > 0 or cell["mean_high"] < 0
    axes.text(
        column + 0.5,
        row + 0.5,
        _signed(cell["share"], cell["mean"]),
        fontsize=5.5,
        fontweight="bold" if sure else "normal",
        ha="center",
        va="center",
        color=readable_on((red, green, blue), opacity),
        parse_math=False,
    )


def _signed(share: float, mean: float) -> str:
    """A share in percent with the sign of the mean; none where it rounds to nothing."""
    percent = f"{100 * share:.1f}"
    if float(percent) == 0:
        return "0"
    return f"{MINUS if mean < 0 else '+'}{percent}"
