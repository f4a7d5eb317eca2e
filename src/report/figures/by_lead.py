"""Mean relevance of each lead by group, in the 12 leads that are read and the 8 independent."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..style import BLUE, GREEN, GREY, INK, PURPLE, RULE, TYPE, VERMILION
from .curves import quiet

WIDTH, HEIGHT = 7.0, 2.0  # inches, of a journal's page and of one system of leads
# Groups are told apart by marker and colour.
LOOKS = ((VERMILION, "o"), (BLUE, "s"), (GREEN, "^"), (PURPLE, "D"))
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
    for number, group in enumerate(groups):
        ours = rows.loc[rows["group"] == group]
        across = np.arange(len(leads)) + (number - (len(groups) - 1) / 2) * 0.18
        colour, marker = LOOKS[number % len(LOOKS)]
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
