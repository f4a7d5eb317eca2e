"""The curves of all methods (the study's figure 7) and the ranking with its intervals."""

from collections.abc import Sequence
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

from ...eval.ranking import areas
from ..style import GREY, INK, RULE, TYPE, style
from .curve_labels import apart, named

PANEL = (5.6, 3.7)  # inches, of several
ALONE = (7.0, 4.0)
TITLE = 60  # characters to a line of a finding's title
LABEL = 0.062  # of a finding's height for a name of 7.5 points
NAMES, NAME_ROW = 4, 0.17  # names to a line of the legend of 7 inches, and inches for a line


@dataclass(frozen=True)
class Curves:
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


def curves_figure(panels: Sequence[Curves]) -> Figure:
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
    return figure


def ranking_figure(table: pd.DataFrame, label: str, title: str) -> Figure:
    """A dot and its 95 % interval per method, best on top; controls are grey and hollow.

    `table` is that of a Ranking; `label` names the horizontal axis.
    """
    height = 1.0 + 0.26 * len(table)
    figure = Figure(figsize=(7.0, height), dpi=150, layout="constrained")
    axes = figure.subplots()
    strongest_control = float(table.loc[table["kind"] == "control", "value"].max())
    axes.axvline(strongest_control, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
    for place, row in enumerate(table.to_dict("records")):
        look = style(row["method"])
        axes.plot([row["low"], row["high"]], [place, place], color=look.colour, linewidth=1.6)
        axes.plot(
            row["value"],
            place,
            marker="o",
            markersize=5.5,
            color=look.colour,
            markerfacecolor="none" if row["kind"] == "control" else look.colour,
        )
    labels = [style(name).label for name in table["method"]]
    axes.set_yticks(range(len(table)), labels, **TYPE)
    axes.set_ylim(len(table) - 0.4, -0.6)
    axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    axes.set_xlabel(label)
    quiet(axes, title)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    return figure


def _curves(axes: Axes, finding: Curves) -> None:
    length = max(len(curve) for curve in finding.mean.values())
    last = length - 1
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
    for name, at in apart(ends, (high - low) * LABEL, (low, high)).items():
        look = style(name)
        leader = ([last, last * 1.045], [ends[name], at])
        axes.plot(*leader, color=look.colour, linewidth=0.8, clip_on=False)
        axes.text(
            last * 1.055, at, look.label, fontsize=7.5, color=INK, va="center", parse_math=False
        )
    axes.set_xlim(0, last)
    axes.set_ylim(low, high)
    axes.set_xlabel(finding.axis)
    axes.set_ylabel(finding.outcome)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    quiet(axes, finding.title)


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


def _unnamed(panels: Sequence[Curves]) -> list[str]:
    """The curves that have no name in one finding at least, best first in the first finding."""
    every: dict[str, float] = {}
    for finding in panels:
        every |= finding.area | every
    bare = {name for finding in panels for name in finding.mean if name not in finding.named}
    return sorted(bare, key=lambda name: -every[name])


def quiet(axes: Axes, title: str, size: float = 10.0) -> None:
    """A title of this size (points) on the left, thin axes, nothing on top or right."""
    axes.set_title(_lines(title), loc="left", fontsize=size, **TYPE)
    axes.spines[["top", "right"]].set_visible(False)
    for spine in axes.spines.values():
        spine.set_color(INK)
        spine.set_linewidth(0.6)
    axes.tick_params(labelsize=8, colors=INK, width=0.6)
    axes.xaxis.label.set(fontsize=8.5, **TYPE)
    axes.yaxis.label.set(fontsize=8.5, **TYPE)


def _lines(title: str) -> str:
    """A long title on lines of its own, what differs from other sections on the last."""
    if len(title) <= TITLE:
        return title
    return "\n".join(fill(part, TITLE) for part in title.rsplit(" · ", 1))
