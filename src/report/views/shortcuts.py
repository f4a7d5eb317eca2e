"""Where relevance is suspicious: every method and place at a glance."""

from collections.abc import Mapping
from typing import ClassVar

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ...eval import Finding
from ...explain import controls
from ..figures.curves import quiet
from ..style import GREY, INK, TYPE, VERMILION, style
from ..text.numerals import percent
from .measures import MeasuresView
from .view import any_number

CAPTIONS = {
    "flags": "Mean share of the relevance. Dark cells are suspicious: a point there has "
    "significantly more than twice the relevance of a point elsewhere; a question mark: it cannot "
    "be said. Where a control (grey) is flagged too, the height or steepness of the ECG there "
    "draws such maps, whatever the network is.",
}
WIDTH, ROW, HEAD = 7.0, 0.24, 1.5  # inches: a journal's page, a line, slanted heads and a title
SUSPICIOUS, UNSURE = "suspicious", "cannot be said"


def own_figures(finding: Finding) -> Mapping[str, Figure]:
    """A cell for each method and measure, and chance on top; nothing without a share."""
    table = finding.details["flags"]
    if not any_number(table["share"]):
        return {}
    methods = list(dict.fromkeys(table["method"]))
    height = HEAD + ROW * (len(methods) + 1)
    figure = Figure(figsize=(WIDTH, height), dpi=150, layout="constrained")
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
    if row["flag"] == SUSPICIOUS:
        corner, dark = (column - 0.47, line - 0.46), GREY if control else VERMILION
        axes.add_patch(Rectangle(corner, 0.94, 0.92, facecolor=dark, edgecolor="none"))
        _cell(axes, column, line, f"{percent(row['share'])} ●", "white")
        return
    unsure = " ?" if row["flag"] == UNSURE else ""
    _cell(axes, column, line, f"{percent(row['share']) or '–'}{unsure}", INK)


def _cell(axes: Axes, column: int, line: int, text: str, colour: str) -> None:
    axes.text(column, line, text, ha="center", va="center", fontsize=8, color=colour)


class ShortcutsView(MeasuresView):
    """The forest with figures of its own."""

    captions: ClassVar[Mapping[str, str]] = {**MeasuresView.captions, **CAPTIONS}

    def own_figures(self) -> Mapping[str, Figure]:
        """Every figure by the name of its file, which begins with a key of CAPTIONS."""
        return own_figures(self.finding)
