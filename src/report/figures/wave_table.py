"""Relevance by lead and segment of the beat, as a table of coloured numbers."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..style import RULE, TYPE
from ..text.numerals import MINUS
from .contrast import on
from .curves import quiet
from .display import colours, shown

WIDTH = 7.0  # inches, of a journal's page
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
        color=on((red, green, blue), opacity),
        parse_math=False,
    )


def _signed(share: float, mean: float) -> str:
    """A share in percent with the sign of the mean; none where it rounds to nothing."""
    percent = f"{100 * share:.1f}"
    if float(percent) == 0:
        return "0"
    return f"{MINUS if mean < 0 else '+'}{percent}"
