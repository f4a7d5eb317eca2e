"""Curves of methods with bands and with labels at the margin; the cascade of redrawn layers."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from scipy.optimize import isotonic_regression

from ...eval.ranking import areas
from ..style import INK, RULE, TYPE, style

ALL = 12  # curves that can all be named: nine methods and three controls (Storås 2025)
BEST = 5  # of more than that these are named wherever they end


def named(
    area: Mapping[str, float], ends: Mapping[str, float], controls: Collection[str], least: float
) -> list[str]:
    """All names of a few curves; of many those of the best, the controls, and those apart.

    Apart is a curve that ends at least `least` from the end of every curve with a name.
    """
    if len(area) <= ALL:
        return list(area)
    order = sorted((name for name in area if name not in controls), key=lambda name: -area[name])
    labelled = [*order[:BEST], *(name for name in area if name in controls)]
    for name in order[BEST:]:
        if all(abs(ends[name] - ends[other]) >= least for other in labelled):
            labelled.append(name)
    return labelled


def apart(ends: Mapping[str, float], least: float, within: tuple[float, float]) -> dict[str, float]:
    """Heights for the names: in the order of the curves' ends, at least `least` apart, and inside.

    Labels that do not fit keep their distance and begin at the lower end.
    """
    names = sorted(ends, key=lambda name: ends[name])
    wanted = np.array([ends[name] for name in names])
    # Labels that would overlap form a block that is centred on its curves' mean; blocks that
    # meet are joined (pool adjacent violators).
    steps = np.arange(len(names)) * least
    heights = isotonic_regression(wanted - steps).x + steps
    low, high = within
    heights = np.maximum(np.minimum(heights, high - steps[::-1]), low + steps)
    return dict(zip(names, heights.tolist(), strict=True))


PANEL = (5.6, 3.7)  # inches, of several
ALONE = (7.0, 4.0)
TITLE = 60  # characters to a line of a finding's title
LABEL = 0.062  # of a finding's height for a name of 7.5 points
NAMES, NAME_ROW = 4, 0.17  # names to a line of the legend of 7 inches, and inches for a line


@dataclass(frozen=True)
class DrawnCurves:
    """The mean outcome per perturbed point of every method, controls included: one finding."""

    title: str
    outcome: str  # what the y axis shows, with its unit
    mean: dict[str, Float[np.ndarray, " point"]]
    controls: tuple[str, ...]
    until: int  # the area is taken from 0 to here
    axis: str = "points perturbed, most relevant first"

    @cached_property
    def named(self) -> list[str]:
        """The curves with their name beside them."""
        ends = {name: float(curve[-1]) for name, curve in self.mean.items()}
        values = np.concatenate([*self.mean.values(), [0.0]])
        least = LABEL * float(values.max() - values.min())
        return named(self.area, ends, self.controls, least)

    @cached_property
    def area(self) -> dict[str, float]:
        """The area under each curve, as it is ranked."""
        return {name: float(areas(curve, self.until)) for name, curve in self.mean.items()}


def curves_figure(panels: Sequence[DrawnCurves]) -> Figure:
    """One finding per network, two to a row; curves without a name beside them are in a legend."""
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    width, height = PANEL if len(panels) > 1 else ALONE
    legend = _unnamed(panels)
    across = int(NAMES * width * columns / ALONE[0])
    below = NAME_ROW * (-(-len(legend) // across) + 1) if legend else 0.0
    figure = Figure(figsize=(width * columns, height * rows + below), dpi=150)
    figure.set_layout_engine("constrained", h_pad=0.12)  # a title clear of the axis above it
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, finding in zip(grid.flat, panels, strict=False):
        _curves(axes, finding)
    for axes in grid.flat[len(panels) :]:
        axes.remove()
    if legend:
        lines = [Line2D([], [], **_look(name, faint=True)) for name in legend]
        figure.legend(
            lines, [style(name).label for name in legend], loc="outside lower center",
            ncols=across, fontsize=7.5, frameon=False, handlelength=3.5, labelcolor=INK,
        )  # fmt: skip
        for text in figure.legends[0].get_texts():
            text.set_parse_math(False)
    return figure


def _curves(axes: Axes, finding: DrawnCurves) -> None:
    last = max(len(curve) for curve in finding.mean.values()) - 1
    axes.axvspan(0, min(finding.until, last), color=RULE, alpha=0.35, linewidth=0)
    every = max(1, last // 6)
    labelled = finding.named
    for order, (name, curve) in enumerate(finding.mean.items()):
        axes.plot(
            np.arange(len(curve)),
            curve,
            # Markers of different methods stand at different points, or they would hide each other.
            markevery=(order % every, every),
            zorder=2 if name in finding.controls else 3,
            clip_on=False,
            **_look(name, faint=name in finding.controls or name not in labelled),
        )
    low, high = axes.get_ylim()
    low = min(0.0, low)
    ends = {name: float(finding.mean[name][-1]) for name in labelled}
    _name_ends(axes, ends, last, apart(ends, (high - low) * LABEL, (low, high)), reach=0.045)
    axes.set_xlim(0, last)
    axes.set_ylim(low, high)
    axes.set_xlabel(finding.axis)
    axes.set_ylabel(finding.outcome)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    quiet(axes, finding.title)


def _name_ends(
    axes: Axes, ends: Mapping[str, float], last: float, heights: Mapping[str, float], reach: float
) -> None:
    """Write each name at its height, beyond a leader of this share of the width from its end."""
    for name, at in heights.items():
        leader = ([last, last * (1 + reach)], [ends[name], at])
        axes.plot(*leader, color=style(name).colour, linewidth=0.8, clip_on=False)
        words = style(name).label
        axes.text(last * (1.01 + reach), at, words, fontsize=7.5, va="center", **TYPE)


def _look(name: str, faint: bool) -> dict[str, Any]:
    """How a curve is drawn, here and in the legend."""
    look = style(name)
    return {
        "color": look.colour,
        "linestyle": look.dash,
        "linewidth": 1.1 if faint else 1.5,
        "marker": look.marker,
        "markersize": 3.5 if faint else 4.5,
    }


def _unnamed(panels: Sequence[DrawnCurves]) -> list[str]:
    """The curves that have no name in one finding at least, best first in the first finding."""
    every: dict[str, float] = {}
    for finding in panels:
        every |= finding.area | every
    bare = {name for finding in panels for name in finding.mean if name not in finding.named}
    return sorted(bare, key=lambda name: -every[name])


def quiet(axes: Axes, title: str, size: float = 10.0) -> None:
    """A title of this size (points) on the left, thin axes, nothing on top or right."""
    if len(title) > TITLE:  # what differs from other sections gets the last line
        title = "\n".join(fill(part, TITLE) for part in title.rsplit(" · ", 1))
    axes.set_title(title, loc="left", fontsize=size, **TYPE)
    axes.spines[["top", "right"]].set_visible(False)
    for spine in axes.spines.values():
        spine.set_color(INK)
        spine.set_linewidth(0.6)
    axes.tick_params(labelsize=8, colors=INK, width=0.6)
    axes.xaxis.label.set(fontsize=8.5, **TYPE)
    axes.yaxis.label.set(fontsize=8.5, **TYPE)


CASCADE = (6.2, 3.9)
MODES = {
    "cascade": "groups of layers redrawn, from the output on",
    "independent": "the one group of layers redrawn, counted from the output",
}
# Below this two ends are written further apart than they are: 1/22 of the height holds a label.
APART = 1 / 22


def cascade_figure(stages: pd.DataFrame, title: str) -> Figure:
    """ρ beyond |x| of absolute maps at every stage, in a cascade and each alone."""
    absolute = stages.loc[stages["sign"] == "absolute"]
    modes = [mode for mode in MODES if mode in {*absolute["mode"].tolist()}]
    figure = Figure(figsize=(CASCADE[0], CASCADE[1] * len(modes)), dpi=150)
    figure.set_layout_engine("constrained", h_pad=0.12)
    for axes, mode in zip(figure.subplots(len(modes), squeeze=False).flat, modes, strict=True):
        _panel(axes, absolute.loc[absolute["mode"] == mode], MODES[mode])
    figure.suptitle(title, fontsize=10, color=INK, x=0.01, ha="left", parse_math=False)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, what: str) -> None:
    ends = {}
    for name, of_method in rows.groupby("method", sort=False):
        one, look = of_method.sort_values("stage"), _look(str(name), faint=False)
        if {*one["kind"].tolist()} == {"control"}:
            look["linewidth"] = 1.0
        axes.plot(one["stage"], one["beyond_x"], **look)
        known = [float(value) for value in one["beyond_x"] if not math.isnan(value)]
        if known:
            ends[str(name)] = known[-1]
    axes.axhline(0, color=INK, linewidth=0.6)
    first, last = int(rows["stage"].min()), int(rows["stage"].max())
    low, high = min(-0.1, axes.get_ylim()[0]), 1.05
    _name_ends(axes, ends, last, apart(ends, (high - low) * APART, (low, high)), reach=0.04)
    axes.set_ylim(low, high)
    axes.set_xlim(first, max(last, first + 1))  # a network of one layer has one stage
    axes.set_xticks(sorted({*rows["stage"]}))
    axes.set_xlabel(what)
    axes.set_ylabel("ρ beyond |x|")
    quiet(axes, "")
