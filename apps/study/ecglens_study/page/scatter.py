"""Scatter plot of votes and scores, at a journal's width."""

from collections.abc import Sequence

import numpy as np
from ecglens.report import GREY, INK, RULE, TYPE, style
from ecglens.report.figures import apart, quiet
from ecglens.report.text import fixed
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ..analysis.votes_and_scores import VotesAndScores
from .wording import VIEWS

PANEL = (3.5, 3.3)  # inches: two views side by side fill a journal's page


def scatter_figure(panels: Sequence[VotesAndScores], title: str, votes: str, score: str) -> Figure:
    """Figure with one panel per view: AUC and votes of each method, with both intervals.

    `votes` and `score` label the axes; shares of votes are printed in percent.
    """
    width = PANEL[0] * max(2, len(panels)) if len(panels) > 1 else 5.0
    figure = Figure(figsize=(width, PANEL[1] + 0.3), dpi=150, layout="constrained")
    grid = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
    for axes, panel in zip(grid, panels, strict=True):
        _scatter(axes, panel)
        tau, low, high = (fixed(value, 2) for value in (panel.tau, panel.low, panel.high))
        quiet(axes, f"{VIEWS[panel.view]}: τ = {tau} ({low} to {high})", 8.5)
    grid[0].set_ylabel(votes, fontsize=8.5, **TYPE)
    figure.supxlabel(score, fontsize=8.5, **TYPE)
    if all(panel.table["votes"].max() <= 1 for panel in panels):
        grid[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    figure.suptitle(title, fontsize=10, x=0.01, ha="left", **TYPE)
    return figure


def _scatter(axes: Axes, panel: VotesAndScores) -> None:
    table = panel.table
    for row in table.to_dict("records"):
        look = style(row["method"])
        axes.plot([row["auc_low"], row["auc_high"]], [row["votes"]] * 2, color=GREY, linewidth=0.7)
        axes.plot(
            [row["auc"]] * 2, [row["votes_low"], row["votes_high"]], color=GREY, linewidth=0.7
        )
        axes.plot(
            row["auc"], row["votes"], marker=look.marker, markersize=5.5, color=look.colour,
            linestyle="none", zorder=3,
        )  # fmt: skip
    ends = table[["votes", "votes_low", "votes_high"]].to_numpy(float)
    top = float(np.nanmax(ends))
    low = min(0.0, float(np.nanmin(ends)))
    axes.set_ylim(low - 0.04 * (top - low), top + 0.06 * (top - low))
    axes.grid(color=RULE, linewidth=0.5)
    _labels(axes, panel, (top - low) * 0.075)


def _labels(axes: Axes, panel: VotesAndScores, least: float) -> None:
    """Draw the methods' names on the right, in order of votes, with a line to each dot."""
    table = panel.table
    left, right = axes.get_xlim()
    axes.set_xlim(left, right)
    at = right + 0.05 * (right - left)
    ends = dict(zip(table["method"], table["votes"], strict=True))
    heights = apart(ends, least, axes.get_ylim())
    for row in table.to_dict("records"):
        look, height = style(row["method"]), heights[row["method"]]
        axes.plot(
            [row["auc"], at], [row["votes"], height], color=look.colour, linewidth=0.5, alpha=0.6,
            clip_on=False, zorder=1,
        )  # fmt: skip
        axes.text(
            at, height, f" {look.label}", fontsize=7, color=INK, va="center", parse_math=False
        )
