"""How much of a map is left while the network loses its weights, layer after layer."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..style import GREY, INK, style
from .curve_labels import apart
from .curves import quiet

PANEL = (6.2, 3.9)
MODES = {
    "cascade": "groups of layers redrawn, from the output on",
    "independent": "the one group of layers redrawn, counted from the output",
}
# Below this two ends are written further apart than they are: 1/22 of the height holds a label.
APART = 1 / 22


def cascade_figure(stages: pd.DataFrame, title: str, limit: float) -> Figure:
    """What absolute maps keep at every stage, in a cascade and each alone, and the limit."""
    absolute = stages.loc[stages["sign"] == "absolute"]
    modes = [mode for mode in MODES if mode in {*absolute["mode"].tolist()}]
    figure = Figure(figsize=(PANEL[0], PANEL[1] * len(modes)), dpi=150)
    figure.set_layout_engine("constrained", h_pad=0.12)
    for axes, mode in zip(figure.subplots(len(modes), squeeze=False).flat, modes, strict=True):
        _panel(axes, absolute.loc[absolute["mode"] == mode], MODES[mode], limit)
    figure.suptitle(title, fontsize=10, color=INK, x=0.01, ha="left")
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, what: str, limit: float) -> None:
    ends = {}
    for name, of_method in rows.groupby("method", sort=False):
        look = style(str(name))
        one = of_method.sort_values("stage")
        axes.plot(
            one["stage"],
            one["kept"],
            color=look.colour,
            linestyle=look.dash,
            marker=look.marker,
            markersize=4.5,
            linewidth=1.0 if {*one["kind"].tolist()} == {"control"} else 1.5,
        )
        known = [float(value) for value in one["kept"] if not math.isnan(value)]
        if known:
            ends[str(name)] = known[-1]
    axes.axhspan(limit, 1.05, color=GREY, alpha=0.18, linewidth=0)
    axes.axhline(0, color=INK, linewidth=0.6)
    first, last = int(rows["stage"].min()), int(rows["stage"].max())
    low, high = min(-0.1, axes.get_ylim()[0]), 1.05
    for name, at in apart(ends, (high - low) * APART, (low, high)).items():
        look = style(name)
        axes.plot(
            [last, last + 0.04 * last], [ends[name], at],
            color=look.colour, linewidth=0.8, clip_on=False,
        )  # fmt: skip
        axes.text(
            last * 1.05, at, look.label, fontsize=7.5, color=INK, va="center", parse_math=False
        )
    axes.set_ylim(low, high)
    axes.set_xlim(first, max(last, first + 1))  # a network of one layer has one stage
    axes.set_xticks(sorted({*rows["stage"]}))
    axes.set_xlabel(what)
    axes.set_ylabel("ρ kept beyond |x|")
    quiet(axes, "")
