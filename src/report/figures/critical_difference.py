"""The mean ranks of the methods, and which of them cannot be told apart (Demšar 2006, figure 1)."""

from matplotlib.figure import Figure

from ...eval.statistics import Friedman
from ..style import GREY, INK, RULE, TYPE, style
from .curves import quiet


def critical_difference_figure(test: Friedman, title: str) -> Figure:
    """A dot per method at its mean rank, best on top; a bar joins those that look alike.

    Bars stand left of the lowest rank, a column for each group; the length of the critical
    difference is drawn above the dots.
    """
    order = test.mean_ranks.argsort(kind="stable")
    names = [test.methods[method] for method in order]
    count, groups = len(names), test.groups
    figure = Figure(figsize=(7.0, 1.3 + 0.26 * count), dpi=150, layout="constrained")
    axes = figure.subplots()
    for place, (name, rank) in enumerate(zip(names, test.mean_ranks[order], strict=True)):
        axes.plot(rank, place, marker="o", markersize=5.5, color=style(name).colour, zorder=3)
    apart = 0.035 * (count - 1)
    for number, group in enumerate(groups):
        ends = names.index(group[0]), names.index(group[-1])
        at = 1 - apart * (number + 1)
        axes.plot(
            [at, at], [ends[0] - 0.25, ends[1] + 0.25], color=GREY, linewidth=3,
            solid_capstyle="butt",
        )  # fmt: skip
    reach = test.critical_difference
    axes.plot([1, 1 + reach], [-0.9, -0.9], color=INK, linewidth=1.2, marker="|", markersize=6)
    axes.text(
        1 + reach + apart / 2, -0.9, f"critical difference {reach:.2f}", va="center", fontsize=8,
        **TYPE,
    )  # fmt: skip
    axes.set_yticks(range(count), [style(name).label for name in names], **TYPE)
    axes.set_ylim(count - 0.4, -1.5)
    axes.set_xlim(1 - apart * (len(groups) + 1), count)
    axes.set_xticks(range(1, count + 1))
    axes.set_xlabel(
        f"mean rank over {test.blocks} patients (1 is best); "
        "a grey bar joins methods that cannot be told apart"
    )
    quiet(axes, title)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    return figure
