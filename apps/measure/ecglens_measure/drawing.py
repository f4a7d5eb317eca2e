"""Figures of a data sheet: dose and response."""

from collections.abc import Sequence

import numpy as np
from ecglens.report import GREY, INK, PALETTE, RULE, TYPE
from ecglens.report.figures import quiet
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .content import own_rows, printed
from .measurement import Measurement

WIDTH, ROW = 7.0, 1.75  # inches: a journal's page, and a row of curves
ABREAST = 3


def gains_figure(
    measurements: Sequence[Measurement], drawn: Sequence[tuple[str, str]]
) -> Figure | None:
    """A curve with its band for each dose and output of the first measurement, others beside it.

    All panels have the same range of responses; a dotted line is a gain of 1 where dose and
    reading are the same quantity. None where nothing was measured.
    """
    if not drawn:
        return None
    rows = -(-len(drawn) // ABREAST)
    figure = Figure(figsize=(WIDTH, 0.4 + ROW * rows), dpi=150, layout="constrained")
    grid = figure.subplots(rows, ABREAST, squeeze=False, sharey=True)
    own = {row["change"] for row in own_rows(measurements[0])}
    for axes, (name, output) in zip(grid.flat, drawn, strict=False):
        for place, found in enumerate(measurements):
            _curve(axes, found, name, output, PALETTE[place % len(PALETTE)])
        if name in own:
            low, high = axes.get_xlim()
            axes.plot([low, high], [low, high], ":", color=GREY, linewidth=0.9, zorder=1)
            axes.set_xlim(low, high)
        _finish(axes, measurements[0], name, output)
    for axes in grid.flat[len(drawn) :]:
        axes.remove()
    for axes in grid[:, 0]:
        unit = measurements[0].target.unit
        axes.set_ylabel(f"reading{f', {unit}' if unit else ''}", fontsize=8, **TYPE)
    if len(measurements) > 1:
        for place, found in enumerate(measurements):
            axes = grid[0, 0]
            axes.plot([], [], color=PALETTE[place % len(PALETTE)], label=found.known.words)
        figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=8,
                      labelcolor=INK)  # fmt: skip
    return figure


def _curve(axes: Axes, found: Measurement, name: str, output: str, colour: str) -> None:
    response = found.responses.get((name, output))
    if response is None:
        return
    order = np.argsort([*response.sizes, 0.0])
    x = np.append(response.sizes, 0.0)[order]
    value, low, high = (
        np.append([getattr(at, end) for at in response.at_sizes], 0.0)[order]
        for end in ("value", "low", "high")
    )
    axes.fill_between(x, low, high, color=colour, alpha=0.25, linewidth=0)
    axes.plot(x, value, "o-", color=colour, markersize=2.8, linewidth=1.3)


def _finish(axes: Axes, found: Measurement, name: str, output: str) -> None:
    axes.axhline(0, color=RULE, linewidth=0.7, zorder=0)
    axes.axvline(0, color=RULE, linewidth=0.7, zorder=0)
    several = f" · {output}" if len(found.outputs) > 1 else ""
    quiet(axes, f"{printed(name)}{several}", 8.5)
    axes.set_xlabel(found.doses[name].unit, fontsize=8, **TYPE)
