"""ρ of each method with its interval, and beside it the baselines it is read against."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..style import GREY, INK, RULE, TYPE, style
from .curves import quiet

# How each baseline is drawn and called; shapes tell them apart in grey print.
BASELINE_MARKS: Mapping[str, tuple[str, str]] = {
    "other_ecg": ("|", "another ECG's map"),
    "permuted": ("x", "network trained on permuted labels"),
    "centred": ("D", "mean map subtracted"),
    "abs_x": ("+", "|x| instead of the other map"),
}
ROW = 0.34  # inches for a method: five marks of 5 points stay apart


def estimates_figure(table: pd.DataFrame, title: str) -> Figure:
    """A dot and its 95 % interval per method, largest ρ on top; baselines as small marks.

    `table` is that of a Finding.
    """
    rows = table.sort_values("value", ascending=False, kind="stable").to_dict("records")
    figure = Figure(figsize=(7.0, 1.5 + ROW * len(rows)), dpi=150, layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(rows):
        _baselines(axes, place, row)
        look = style(row["method"])
        hollow = row["kind"] == "control"
        axes.plot([row["low"], row["high"]], [place, place], color=look.colour, linewidth=1.8)
        axes.plot(
            row["value"],
            place,
            "o",
            markersize=6,
            color=look.colour,
            markerfacecolor="white" if hollow else look.colour,
            zorder=3,
        )
    labels = [style(row["method"]).label for row in rows]
    axes.set_yticks(range(len(rows)), labels, **TYPE)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(min(-0.1, axes.get_xlim()[0]), 1.03)
    axes.axvline(0, color=INK, linewidth=0.6)
    axes.set_xlabel("Spearman's ρ of the maps, mean over ECGs")
    quiet(axes, title)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    for marker, label in BASELINE_MARKS.values():
        axes.plot([], [], marker, color=GREY, markersize=6, markerfacecolor="none", label=label)
    axes.plot([], [], "o", color=INK, markersize=6, label="ρ, 95 % interval")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=7.5, labelcolor=INK)
    return figure


def _baselines(axes: Axes, place: int, row: Mapping[Hashable, Any]) -> None:
    for name, (marker, _) in BASELINE_MARKS.items():
        axes.plot(
            row[name],
            place,
            marker,
            color=GREY,
            markersize=10 if marker == "|" else 5.5,
            markerfacecolor="none",
            markeredgewidth=1.6 if marker == "|" else 1.0,
            zorder=2,
        )
