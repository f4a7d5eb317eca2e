"""The sum of relevance against what the network says, with the line that completeness draws."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..style import BLUE, GREEN, GREY, PURPLE, RULE, TYPE, VERMILION, style
from .curves import quiet

WIDTH = 7.0  # inches, of a journal's page
# Methods to a row, and inches for a row: of a few, and of so many that they just fill a page.
FEW, MANY, MOST = (3, 1.7), (4, 1.5), 12
LOOKS = {
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
    for outcome, (colour, marker) in LOOKS.items():
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
