"""The mean of one measure for each method with its interval."""

from dataclasses import dataclass
from textwrap import fill

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...eval import Measure
from ..style import GREY, INK, RULE, TYPE, style
from .curves import quiet

WIDTH = 7.0  # inches, of a journal's page
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
        _measure(axes, placed.loc[table["measure"] == measure.name], measure, look)
    for axes in grid.flat[len(measures) :]:
        axes.remove()
    for axes in grid[:, 0]:
        axes.set_yticks(range(len(methods)), [style(name).label for name in methods], **TYPE)
        axes.set_ylim(len(methods) - 0.4, -0.6)
    figure.suptitle(title, fontsize=10, x=0.01, ha="left", **TYPE)
    return figure


def _measure(axes: Axes, rows: pd.DataFrame, measure: Measure, form: Look) -> None:
    if measure.chance is not None:
        axes.axvline(measure.chance, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
    for row in rows.to_dict("records"):
        look, place = style(row["method"]), row["place"]
        axes.plot([row["low"], row["high"]], [place, place], color=look.colour, linewidth=1.6)
        axes.plot(
            row["value"],
            place,
            marker="o",
            markersize=4.5 if form is FEW else 3.5,
            color=look.colour,
            markerfacecolor="white" if row["kind"] == "control" else look.colour,
        )
    text = f"mean{f', {measure.unit}' if measure.unit else ''}{better(measure)}"
    axes.set_xlabel(fill(text, form.letters + 2))
    axes.locator_params(axis="x", nbins=4)
    quiet(axes, fill(measure.label, form.letters), form.size + 0.5)
    axes.xaxis.label.set_fontsize(form.size)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0, colors=INK, labelsize=form.size)
    axes.grid(axis="x", color=RULE, linewidth=0.5)


def better(measure: Measure) -> str:
    """Which way is better, to follow a unit; nothing where neither is."""
    ways = {True: " (more is better)", False: " (less is better)", None: ""}
    return ways[measure.higher_is_better]
