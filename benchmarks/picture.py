"""The figure of docs/benchmarks.md from docs/benchmarks.json: python -m benchmarks.picture."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
from ecglens.report.style import GREY, INK, ORANGE, RULE, style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .curves import BATCHED, LOOP, QUANTUS
from .methods import CAPTUM
from .page import DOCS, NAME, number
from .row import OURS, Results, Row

# Colour is ours alone; in print all are told apart by lightness and by their order in a group.
COLOURS = {LOOP: INK, QUANTUS: RULE, BATCHED: GREY, CAPTUM: GREY, OURS: ORANGE}
GAP = 0.7  # between groups, in bars
LEFT_MS = 0.5  # bars on a logarithmic axis have to begin somewhere; ours are above this
BEATS = "12×600"


def draw(results: Results, path: Path) -> None:
    """Two panels: curves per ECG and step, methods per ECG; CPU time on one thread."""
    curves = _groups([row for row in results.part("curves") if row.cpu_ms])
    methods = _groups([row for row in results.part("methods") if row.input == BEATS])
    heights = [sum(len(rows) + GAP for rows in groups.values()) for groups in (curves, methods)]
    with matplotlib.rc_context({"font.size": 9}):
        figure = Figure(figsize=(7.5, 1.6 + 0.16 * sum(heights)), layout="constrained")
        above, below = figure.subplots(2, 1, height_ratios=heights)
        _bars(above, curves, "Perturbation curves: CPU-ms per ECG and step, one thread")
        _bars(below, methods, "Attribution methods on median beats: CPU-ms per ECG, one thread")
        figure.savefig(path, dpi=150)


def _groups(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows by what was done; in each group ours come last."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        name = style(row.task).label if row.part == "methods" else f"{row.input}\n{row.task}"
        groups.setdefault(name, []).append(row)
    order = list(COLOURS)
    return {
        name: sorted(found, key=lambda row: order.index(row.way)) for name, found in groups.items()
    }


def _bars(axes: Axes, groups: dict[str, list[Row]], title: str) -> None:
    place, ticks, most = 0.0, {}, LEFT_MS
    for name, rows in groups.items():
        ticks[place + (len(rows) - 1) / 2] = name
        for row in rows:
            ms = row.cpu_ms or LEFT_MS
            most = max(most, ms)
            axes.barh(place, ms, 0.85, color=COLOURS[row.way], label=row.way)
            axes.text(ms, place, f" {number(ms)}", va="center", fontsize=7, color=INK)
            place += 1
        place += GAP
    axes.set_xscale("log")
    axes.set_xlim(LEFT_MS, 2 * most)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.invert_yaxis()
    axes.margins(y=0.01)
    axes.set_yticks(list(ticks), list(ticks.values()))
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_title(title, loc="left", fontsize=10)
    handles, labels = axes.get_legend_handles_labels()
    named = dict(zip(labels, handles, strict=True))
    axes.legend(named.values(), named.keys(), frameon=False, loc="upper right", fontsize=8)


if __name__ == "__main__":
    draw(Results.load(DOCS / f"{NAME}.json"), DOCS / "images" / f"{NAME}.png")
