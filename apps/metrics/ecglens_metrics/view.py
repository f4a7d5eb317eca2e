"""The view of shortcuts: the forest, and every method and place at a glance."""

from collections.abc import Mapping
from typing import ClassVar

import pandas as pd
from ecglens.eval import Finding
from ecglens.explain import controls
from ecglens.report import GREY, INK, PALETTE, TYPE, MeasuresView, any_number, style
from ecglens.report.figures import quiet
from ecglens.report.text import percent
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

VERMILION = PALETTE[1]


class ShortcutsView(MeasuresView):
    """The forest, and every method and place with suspicious relevance at a glance."""

    captions: ClassVar[Mapping[str, str]] = {
        **MeasuresView.captions,
        "flags": "Mean share of the relevance. Dark cells are suspicious: a point there has "
        "significantly more than twice the relevance of a point elsewhere; a question mark: it "
        "cannot be said. Where a control (grey) is flagged too, the height or steepness of the ECG "
        "there draws such maps, whatever the network is.",
    }

    def own_figures(self) -> Mapping[str, Figure]:
        """The figure of flags, where a map has a share."""
        return flags_figure(self.finding)


def flags_figure(finding: Finding) -> Mapping[str, Figure]:
    """A cell for each method and measure, and chance on top; nothing without a share."""
    table = finding.details["flags"]
    if not any_number(table["share"]):
        return {}
    methods = list(dict.fromkeys(table["method"]))
    # Inches: a journal's page; slanted heads with a title, and a line for each method.
    figure = Figure(figsize=(7.0, 1.74 + 0.24 * len(methods)), dpi=150, layout="constrained")
    axes = figure.subplots()
    for column, measure in enumerate(finding.measures):
        rows = table[table["measure"] == measure.name].set_index("method")
        _cell(axes, column, -1, percent(rows["expected"].iloc[0]), GREY)
        for line, method in enumerate(methods):
            _flag(axes, column, line, rows.loc[method], method in controls())
    axes.set_xlim(-0.5, len(finding.measures) - 0.5)
    axes.set_ylim(len(methods) - 0.5, -1.5)
    labels = [measure.label.replace(", ", ",\n") for measure in finding.measures]
    axes.set_xticks(range(len(labels)), labels, rotation=35, ha="left", rotation_mode="anchor",
                    **TYPE)  # fmt: skip
    axes.xaxis.tick_top()
    named = ["By chance", *(style(method).label for method in methods)]
    axes.set_yticks(range(-1, len(methods)), named, **TYPE)
    quiet(axes, "")
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0, labelsize=8)
    return {"flags": figure}


def _flag(axes: Axes, column: int, line: int, row: pd.Series, control: bool) -> None:
    if row["flag"] == "suspicious":
        corner, dark = (column - 0.47, line - 0.46), GREY if control else VERMILION
        axes.add_patch(Rectangle(corner, 0.94, 0.92, facecolor=dark, edgecolor="none"))
        _cell(axes, column, line, f"{percent(row['share'])} ●", "white")
        return
    unsure = " ?" if row["flag"] == "cannot be said" else ""
    _cell(axes, column, line, f"{percent(row['share']) or '–'}{unsure}", INK)


def _cell(axes: Axes, column: int, line: int, text: str, colour: str) -> None:
    axes.text(column, line, text, ha="center", va="center", fontsize=8, color=colour)
