"""Estimates with intervals, a row per method: ranking, forest, agreement, gates, mean ranks."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...eval import MOST_KEPT, Measure
from ...eval.statistics import Friedman
from ..style import GREY, INK, RULE, TYPE, style
from .curves import quiet

WIDTH = 7.0  # inches, of a journal's page


@dataclass(frozen=True)
class Mark:
    """Dot of an estimate: its colour, shape and size in points; hollow ones are filled white.

    In rows with names one ink is enough for methods: colours would ask for a meaning.
    """

    colour: str = INK
    hollow: bool = False
    shape: str = "o"
    size: float = 5.5

    @classmethod
    def of(cls, kind: str, shape: str = "o", size: float = 5.5) -> "Mark":
        """Mark of a method, or of a control: grey and hollow."""
        control = kind == "control"
        return cls(GREY if control else INK, control, shape, size)


def draw_interval(
    axes: Axes, place: float, estimate: tuple[float, float, float], mark: Mark
) -> None:
    """Draw an estimate as a dot and its interval as a line; `estimate` is value, low, high."""
    value, *ends = estimate
    axes.plot(ends, [place, place], color=mark.colour, linewidth=1.6)
    axes.plot(
        value, place, mark.shape, markersize=mark.size, color=mark.colour, zorder=3,
        markerfacecolor="white" if mark.hollow else mark.colour,
        clip_on=False,  # half a dot at the edge would be missing in a narrow column
    )  # fmt: skip


def method_rows(axes: Axes, methods: Sequence[str], title: str, size: float = 10.0) -> None:
    """Name a row for each method, the first on top, beside a grid and without a left axis."""
    axes.set_yticks(range(len(methods)), [style(name).label for name in methods], **TYPE)
    axes.set_ylim(len(methods) - 0.4, -0.6)
    quiet(axes, title, size)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=RULE, linewidth=0.5)


def ranking_figure(table: pd.DataFrame, label: str, title: str) -> Figure:
    """A dot and its 95 % interval per method, best on top; controls are grey and hollow.

    `table` is that of a Ranking; `label` names the horizontal axis.
    """
    figure = Figure(figsize=(WIDTH, 1.0 + 0.26 * len(table)), dpi=150, layout="constrained")
    axes = figure.subplots()
    strongest_control = float(table.loc[table["kind"] == "control", "value"].max())
    axes.axvline(strongest_control, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
    for place, row in enumerate(table.to_dict("records")):
        mark = Mark.of(row["kind"])
        draw_interval(axes, place, (row["value"], row["low"], row["high"]), mark)
    axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    axes.set_xlabel(label)
    method_rows(axes, table["method"].tolist(), title)
    return figure


HEAD = 1.05  # inches for a title, the axis and its label


@dataclass(frozen=True)
class Look:
    """Inches for a method, points of its label, measures to a row, and letters above each."""

    row: float
    size: float
    abreast: int
    letters: int


FEW = Look(row=0.24, size=8.0, abreast=3, letters=26)  # each has room for four numbers on its axis
MANY = Look(row=0.15, size=6.5, abreast=4, letters=20)  # eight measures of 24 methods fill a page
MOST = 12  # methods and controls that are few


def forest_figure(table: pd.DataFrame, measures: tuple[Measure, ...], title: str) -> Figure:
    """A panel per measure, methods in the same order in all; controls are hollow and grey.

    `table` is that of a Finding. A dotted line is what a random map gets, where it is known.
    """
    methods = list(dict.fromkeys(table["method"]))
    # Its own row in every panel, also where a measure lacks some methods.
    placed = table.assign(place=table["method"].map(methods.index))
    look = FEW if len(methods) <= MOST else MANY
    columns = min(look.abreast, len(measures))
    rows = -(-len(measures) // columns)
    height = 0.35 + rows * (HEAD + look.row * len(methods))
    figure = Figure(figsize=(WIDTH, height), dpi=150, layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes, measure in zip(grid.flat, measures, strict=False):
        method_rows(axes, methods, fill(measure.label, look.letters), look.size + 0.5)
        _measure(axes, placed.loc[table["measure"] == measure.name], measure, look)
    for axes in grid.flat[len(measures) :]:
        axes.remove()
    figure.suptitle(title, fontsize=10, x=0.01, ha="left", **TYPE)
    return figure


def _measure(axes: Axes, rows: pd.DataFrame, measure: Measure, form: Look) -> None:
    if measure.chance is not None:
        axes.axvline(measure.chance, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
    for row in rows.to_dict("records"):
        mark = Mark.of(row["kind"], size=4.5 if form is FEW else 3.5)
        draw_interval(axes, row["place"], (row["value"], row["low"], row["high"]), mark)
    text = f"mean{f', {measure.unit}' if measure.unit else ''}{better(measure)}"
    axes.set_xlabel(fill(text, form.letters + 2), fontsize=form.size)
    axes.locator_params(axis="x", nbins=4)
    axes.tick_params(axis="y", labelsize=form.size)


def better(measure: Measure) -> str:
    """Which way is better, to follow a unit; nothing where neither is."""
    ways = {True: " (more is better)", False: " (less is better)", None: ""}
    return ways[measure.higher_is_better]


# Beginning of a gate's columns: its marker, where it stands in the row, and its name.
GATES: Mapping[str, tuple[str, float, str]] = {
    "redrawn": ("o", -0.16, "all weights redrawn"),
    "moved": ("o", -0.16, "input moved"),
    "labels": ("s", 0.16, "labels permuted"),
}
KEPT_ROW = 0.44  # inches: two marks, each with its reason beside it
MOST_SHOWN = 1.5  # shares further out are drawn at the edge: all of them fail
RIGHT = 1.02  # where the reasons begin, as a share of the width


def gates_of(table: pd.DataFrame) -> Mapping[str, tuple[str, float, str]]:
    """Those of GATES that the table of a finding `weights` has."""
    return {name: each for name, each in GATES.items() if f"{name}_verdict" in table}


def kept_figure(table: pd.DataFrame, title: str) -> Figure:
    """A dot and its 95 % interval per method and gate with its verdict; the limit MOST_KEPT.

    `table` is that of the finding `weights`. Significantly left of the limit passes; a map that
    scores no more than random numbers has no dot.
    """
    rows = table.to_dict("records")
    gates = [name for name in gates_of(table) if {*table[f"{name}_verdict"]} != {"not judged"}]
    figure = Figure(figsize=(8.6, 1.5 + KEPT_ROW * len(rows)), dpi=150, layout="constrained")
    axes = figure.subplots()
    axes.axvspan(MOST_KEPT, MOST_SHOWN, color=GREY, alpha=0.18, linewidth=0)
    axes.axvline(MOST_KEPT, color=INK, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.axvline(0, color=INK, linewidth=0.6)
    for place, row in enumerate(rows):
        for gate in gates:
            _mark(axes, place, gate, row)
    axes.set_xlim(-MOST_SHOWN / 3, MOST_SHOWN)
    axes.set_xlabel(f"share of the score that the twin’s map brings (limit {MOST_KEPT:.2f})")
    method_rows(axes, table["method"].tolist(), title)
    for gate in gates:
        marker, _, label = GATES[gate]
        axes.plot([], [], marker, color=INK, markersize=6, label=label)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=7.5, labelcolor=INK)
    return figure


def _mark(axes: Axes, place: int, gate: str, row: Mapping[Hashable, Any]) -> None:
    marker, shift, _ = GATES[gate]
    ends = (float(row[f"{gate}_{end}"]) for end in ("kept", "kept_low", "kept_high"))
    value, low, high = (min(max(each, -MOST_SHOWN / 3), MOST_SHOWN) for each in ends)
    at = place + shift
    if not math.isnan(row[f"{gate}_kept"]):
        mark = Mark.of(row["kind"], marker)
        draw_interval(axes, at, (value, low, high), mark)
    axes.text(
        RIGHT, at, row[f"{gate}_verdict"], transform=axes.get_yaxis_transform(),
        fontsize=6.5, color=INK, va="center", parse_math=False, clip_on=False,
    )  # fmt: skip


# How each baseline is drawn and called; shapes tell them apart in grey print.
BASELINE_MARKS: Mapping[str, tuple[str, str]] = {
    "other_ecg": ("|", "another ECG's map"),
    "permuted": ("x", "network trained on permuted labels"),
    "centred": ("D", "mean map subtracted"),
    "abs_x": ("+", "|x| instead of the other map"),
}
ESTIMATES_ROW = 0.34  # inches for a method: five marks of 5 points stay apart


def estimates_figure(table: pd.DataFrame, title: str) -> Figure:
    """A dot and its 95 % interval per method, largest ρ on top; baselines as small marks.

    `table` is that of a Finding.
    """
    rows = table.sort_values("value", ascending=False, kind="stable").to_dict("records")
    figure = Figure(figsize=(7.0, 1.5 + ESTIMATES_ROW * len(rows)), dpi=150, layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(rows):
        _baselines(axes, place, row)
        mark = Mark.of(row["kind"], size=6)
        draw_interval(axes, place, (row["value"], row["low"], row["high"]), mark)
    axes.set_xlim(min(-0.1, axes.get_xlim()[0]), 1.03)
    axes.axvline(0, color=INK, linewidth=0.6)
    axes.set_xlabel("Spearman's ρ of the maps, mean over ECGs")
    method_rows(axes, [row["method"] for row in rows], title)
    for marker, label in BASELINE_MARKS.values():
        axes.plot([], [], marker, color=GREY, markersize=6, markerfacecolor="none", label=label)
    axes.plot([], [], "o", color=INK, markersize=6, label="ρ, 95 % interval")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=7.5, labelcolor=INK)
    return figure


def _baselines(axes: Axes, place: int, row: Mapping[Hashable, Any]) -> None:
    for name, (marker, _) in BASELINE_MARKS.items():
        size, edge = (10, 1.6) if marker == "|" else (5.5, 1.0)
        axes.plot(
            row[name], place, marker, color=GREY, zorder=2,
            markersize=size, markerfacecolor="none", markeredgewidth=edge,
        )  # fmt: skip


def critical_difference_figure(test: Friedman, title: str, blocks: str = "patients") -> Figure:
    """A dot per method at its mean rank, best on top; a bar joins those not told apart.

    Bars stand left of the lowest rank, a column for each group; the length of the critical
    difference is drawn above the dots.
    """
    order = test.mean_ranks.argsort(kind="stable")
    names = [test.methods[method] for method in order]
    count, groups = len(names), test.groups
    figure = Figure(figsize=(7.0, 1.3 + 0.26 * count), dpi=150, layout="constrained")
    axes = figure.subplots()
    for place, rank in enumerate(test.mean_ranks[order]):
        axes.plot(rank, place, marker="o", markersize=5.5, color=INK, zorder=3)
    apart = 0.035 * (count - 1)
    for number, group in enumerate(groups):
        ends = names.index(group[0]), names.index(group[-1])
        at = 1 - apart * (number + 1)
        axes.plot(
            [at, at], [ends[0] - 0.25, ends[1] + 0.25], color=GREY, linewidth=3,
            solid_capstyle="butt",
        )  # fmt: skip
    reach = test.critical_difference
    axes.plot([1, 1 + reach], [-0.9, -0.9], color=INK, linewidth=1.2, marker="|", markersize=6)
    axes.text(
        1 + reach + apart / 2, -0.9, f"critical difference {reach:.2f}", va="center", fontsize=8,
        **TYPE,
    )  # fmt: skip
    method_rows(axes, names, title)
    axes.set_ylim(count - 0.4, -1.5)
    axes.set_xlim(1 - apart * (len(groups) + 1), count)
    axes.set_xticks(range(1, count + 1))
    axes.set_xlabel(
        f"mean rank over {test.blocks} {blocks} (1 is best); "
        "a grey bar joins methods that cannot be told apart"
    )
    return figure
