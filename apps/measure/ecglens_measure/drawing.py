"""Figures of a data sheet: dose and response."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from ecglens.report import GREY, INK, PALETTE, RULE, TYPE
from ecglens.report.figures import quiet
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .words import printed

WIDTH, ROW = 7.0, 1.75  # inches: a journal's page, and a row of curves
ABREAST = 3
NAME = 30  # letters that a third of WIDTH has room for in a legend


def gains_figure(
    tables: Mapping[str, pd.DataFrame],
    drawn: Sequence[tuple[str, str]],
    own: Collection[str],
    unit: str,
) -> Figure | None:
    """A curve with its band for each dose and output `drawn`, of each measurement by its words.

    The tables are those of a Measurement. All panels have one range of responses; a dotted line is
    a gain of 1 for doses that are the network's `own`. None where nothing was measured.
    """
    if not drawn:
        return None
    rows = -(-len(drawn) // ABREAST)
    figure = Figure(figsize=(WIDTH, 0.4 + ROW * rows), dpi=150, layout="constrained")
    grid = figure.subplots(rows, ABREAST, squeeze=False, sharey=True)
    several = len({output for _, output in drawn}) > 1
    for axes, (name, output) in zip(grid.flat, drawn, strict=False):
        for place, table in enumerate(tables.values()):
            of_dose = table.loc[(table["change"] == name) & (table["output"] == output)]
            _curve(axes, of_dose.dropna(subset=["response"]), PALETTE[place % len(PALETTE)])
        if name in own:
            low, high = axes.get_xlim()
            axes.plot([low, high], [low, high], ":", color=GREY, linewidth=0.9, zorder=1)
            axes.set_xlim(low, high)
        axes.axhline(0, color=RULE, linewidth=0.7, zorder=0)
        axes.axvline(0, color=RULE, linewidth=0.7, zorder=0)
        quiet(axes, printed(name) + (f" · {output}" if several else ""), 8.5)
        first = next(iter(tables.values()))
        axes.set_xlabel(first.loc[first["change"] == name, "unit"].iloc[0], fontsize=8, **TYPE)
    for axes in grid.flat[len(drawn) :]:
        axes.remove()
    for axes in grid[:, 0]:
        axes.set_ylabel(f"reading{f', {unit}' if unit else ''}", fontsize=8, **TYPE)
    if len(tables) > 1:
        for place, words in enumerate(tables):
            grid[0, 0].plot([], [], color=PALETTE[place % len(PALETTE)], label=words)
        columns = 3 if max(map(len, tables)) <= NAME else 2
        figure.legend(loc="outside lower center", ncols=columns, frameon=False, fontsize=8,
                      labelcolor=INK)  # fmt: skip
    return figure


def _curve(axes: Axes, rows: pd.DataFrame, colour: str) -> None:
    """Mean responses at the measured doses, through no response at no dose."""
    measured = rows[["measured", "response", "low", "high"]].to_numpy(float)
    points = np.append(measured, np.zeros((1, 4)), axis=0)
    x, value, low, high = points[points[:, 0].argsort()].T
    axes.fill_between(x, low, high, color=colour, alpha=0.25, linewidth=0)
    axes.plot(x, value, "o-", color=colour, markersize=2.8, linewidth=1.3)
