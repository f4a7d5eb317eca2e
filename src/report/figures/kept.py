"""What each method's maps keep when the network loses what it learned: what the gates judge."""

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..style import GREY, INK, RULE, TYPE, style
from .curves import quiet

# Beginning of a gate's columns: its marker, where it stands in the row, and its name.
GATES: Mapping[str, tuple[str, float, str]] = {
    "weights": ("o", -0.16, "all weights redrawn"),
    "permuted": ("s", 0.16, "labels permuted"),
}
ROW = 0.44  # inches: two marks, each with its reason beside it
RIGHT = 1.06  # where the reasons begin: ρ ends at 1


def kept_figure(table: pd.DataFrame, title: str) -> Figure:
    """A dot and its 95 % interval per method and gate with the part that decides; the limit.

    `table` is that of the finding `weights`. Significantly left of the limit passes,
    significantly right of it fails; a map that copies |x| or another patient's map has no dot.
    """
    rows = table.to_dict("records")
    gates = [name for name in GATES if {*table[f"{name}_verdict"]} != {"not judged"}]
    figure = Figure(figsize=(8.6, 1.5 + ROW * len(rows)), dpi=150, layout="constrained")
    axes = figure.subplots()
    limit = float(table["limit"].iloc[0])
    axes.axvspan(limit, 1.0, color=GREY, alpha=0.18, linewidth=0)
    axes.axvline(limit, color=INK, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.axvline(0, color=INK, linewidth=0.6)
    for place, row in enumerate(rows):
        for gate in gates:
            _mark(axes, place, gate, row)
    labels = [style(row["method"]).label for row in rows]
    axes.set_yticks(range(len(rows)), labels, **TYPE)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(min(-0.2, axes.get_xlim()[0]), 1.03)
    axes.set_xlabel(f"ρ kept beyond |x|, of the part that decides (limit {limit:.2f})")
    quiet(axes, title)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    for gate in gates:
        marker, _, label = GATES[gate]
        axes.plot([], [], marker, color=INK, markersize=6, label=label)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=7.5, labelcolor=INK)
    return figure


def _mark(axes: Axes, place: int, gate: str, row: Mapping[Hashable, Any]) -> None:
    marker, shift, _ = GATES[gate]
    value, low, high = (float(row[f"{gate}_{end}"]) for end in ("kept", "kept_low", "kept_high"))
    look, at = style(row["method"]), place + shift
    if not math.isnan(value):
        hollow = row["kind"] == "control"
        axes.plot([low, high], [at, at], color=look.colour, linewidth=1.8)
        axes.plot(
            value,
            at,
            marker,
            markersize=5.5,
            color=look.colour,
            markerfacecolor="white" if hollow else look.colour,
            zorder=3,
            clip_on=False,  # of a ρ of 1 the half would be missing in a narrow column
        )
    axes.text(
        RIGHT, at, f"{row[f'{gate}_verdict']}: {row[f'{gate}_why']}",
        fontsize=6.5, color=INK, va="center", parse_math=False, clip_on=False,
    )  # fmt: skip
