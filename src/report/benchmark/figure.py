"""Scores of a method beside the built-in methods and the controls."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...eval.benchmark import PARTS
from ...explain import controls
from ..figures.curves import quiet
from ..style import GREY, INK, RULE, style
from .content import HEADLINE

ROW = 0.34  # inches of a score
WAYS = {"higher": "more is better", "lower": "less is better", "": "no value is better"}


def headline_scores(scores: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Names of the scores that are drawn, one for each part."""
    found = []
    for part in PARTS:
        names = [name for name, each in scores.items() if each["part"] == part.name]
        chosen = [HEADLINE[part.name]] if HEADLINE.get(part.name) in names else names[:1]
        found += chosen
    return found


def scores_figure(
    method: str, scores: Mapping[str, Mapping[str, Any]], names: Sequence[str]
) -> Figure:
    """A line for each score: this method filled, others as ticks, controls hollow.

    Each line runs from the smallest to the largest value of all.
    """
    figure = Figure(figsize=(7.0, 0.7 + ROW * len(names)), dpi=150, layout="constrained")
    draw_scores(figure.subplots(), method, scores, names)
    return figure


def draw_scores(
    axes: Axes, method: str, scores: Mapping[str, Mapping[str, Any]], names: Sequence[str]
) -> None:
    """The lines of `scores_figure`, with a key below."""
    for place, name in enumerate(names):
        _line(axes, place, method, scores[name])
    labels = [f"{scores[name]['label']}\n{WAYS[scores[name]['better']]}" for name in names]
    quiet(axes, "")
    axes.set_yticks(range(len(names)), labels, fontsize=6.5, color=INK, parse_math=False)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(-0.16, 1.16)
    axes.set_xticks([])
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.plot([], [], "o", color=style(method).colour, label=style(method).label)
    axes.plot([], [], "|", color=INK, markersize=8, label="built-in methods")
    axes.plot([], [], "o", color=GREY, markerfacecolor="none", label="controls")
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3, frameon=False, fontsize=7,
        labelcolor=INK,
    )  # fmt: skip


def _line(axes: Axes, place: int, method: str, score: Mapping[str, Any]) -> None:
    values = {name: each for name, each in score["values"].items() if each is not None}
    if not values:
        return
    low, high = min(values.values()), max(values.values())
    width = high - low or 1.0
    axes.plot([0, 1], [place, place], color=RULE, linewidth=0.8, zorder=0)
    for value, x, side in ((low, -0.015, "right"), (high, 1.015, "left")):
        axes.text(
            x,
            place,
            f"{value:.3g}".replace("-", "−"),
            ha=side,
            va="center",
            fontsize=6.5,
            color=GREY,
        )
    for name, value in values.items():
        x = (value - low) / width
        if name == method:
            axes.plot(x, place, "o", markersize=6, color=style(name).colour, zorder=3)
        elif name in controls():
            axes.plot(x, place, "o", markersize=4.5, color=GREY, markerfacecolor="none", zorder=2)
        else:
            axes.plot(x, place, "|", markersize=8, color=INK, alpha=0.6, zorder=1)
