"""Views of effects, similarity and shortcuts: all methods by wave, by method or by place."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from ecglens.ecg import WAVES
from ecglens.eval import Finding
from ecglens.eval.evaluations.sanity import headline
from ecglens.explain import controls
from ecglens.report import (
    GREY,
    INK,
    PALETTE,
    TYPE,
    AgreementView,
    MeasuresView,
    any_number,
    readable_on,
    style,
)
from ecglens.report.figures import quiet
from ecglens.report.text import fixed, percent
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

BLUE, VERMILION = PALETTE[:2]


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
    labels = [measure.label.replace(", ", ",\n") for measure in finding.measures]
    _grid(axes, labels, "By chance", methods, above=1.0, size=8)
    for text in axes.get_xticklabels():
        text.set(rotation=35, ha="left", rotation_mode="anchor")
    return {"flags": figure}


def _grid(
    axes: Axes, columns: Sequence[str], first: str, methods: Sequence[str], above: float, size: int
) -> None:
    """Names of columns on top, and of lines: the `first`, `above` the others, and the methods."""
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(methods) - 0.5, -above - 0.5)
    axes.set_xticks(range(len(columns)), columns, **TYPE)
    axes.xaxis.tick_top()
    named = [first, *(style(method).label for method in methods)]
    axes.set_yticks([-above, *range(len(methods))], named, **TYPE)
    quiet(axes, "")
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0, labelsize=size)


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


class EffectsView(MeasuresView):
    """The forest, and which waves move the output above which waves each map points to."""

    captions: ClassVar[Mapping[str, str]] = {
        **MeasuresView.captions,
        "waves": "First line: how far the output moves when a wave is swapped, in all leads, with "
        "another patient's, as a share of all five. Below: the share of relevance on that wave. "
        "The darker, the more; controls are grey.",
    }

    def own_figures(self) -> Mapping[str, Figure]:
        """The figure of waves, where a map has a share."""
        return waves_figure(self.finding)

    def own_tables(self) -> Mapping[str, pd.DataFrame]:
        """What the maps of each method are about; empty for findings of before."""
        rows = self.finding.details.get("yardstick", pd.DataFrame()).to_dict("records")
        labels = {each.name: each.label for each in self.finding.measures}
        table = [
            {
                "method": row["method"],
                "question": labels[row["measure"]],
                "agreement": row["value"],
                **{head: _above(row, null) for null, head in NULLS.items() if f"{null}_p" in row},
                "shown": _shown(row),
            }
            for row in rows
        ]
        return {ABOVE: pd.DataFrame(table)}


ABOVE = (
    "Agreement of relevance with measured effects, and how far it lies above that of other maps "
    "with its 95 % interval. What is shown is corrected over the methods (Holm)"
)
# Other maps of docs/effects.md, by the beginning of their columns.
NULLS = {
    "controls": "above controls",
    "redrawn": "above redrawn weights",
    "other_ecg": "above another patient",
    "mean_map": "above mean map",
}


def _above(row: Mapping[str, Any], null: str) -> str:
    values = [row[f"{null}_{key}"] for key in ("difference", "low", "high")]
    if not np.isfinite(values).all():
        return ""
    difference, low, high = (fixed(value, 2) for value in values)
    return f"{difference} ({low} to {high})"


def _shown(row: Mapping[str, Any]) -> str:
    """What a method's maps are about, with the other maps that agree as well."""
    if row["about"] == "ECG":
        return "beyond other patients’ maps"
    equal = ", ".join(NULLS[null].removeprefix("above ") for null in row["not_above"].split())
    return (
        f"{'about this network' if row['about'] == 'network' else 'not shown'}; not above {equal}"
    )


def waves_figure(finding: Finding) -> Mapping[str, Figure]:
    """A cell for each wave and method, the measured effect on top; nothing without a share."""
    sizes, shares = finding.details["waves"]["mean_size"], finding.details["relevance"]
    if not any_number(shares[[*WAVES]]):
        return {}
    methods = list(shares["method"])
    # Inches: a journal's column; wave names and a line for each method.
    figure = Figure(figsize=(3.5, 0.76 + 0.18 * len(methods)), dpi=150, layout="constrained")
    axes = figure.subplots()
    _line(axes, -1.3, (sizes / sizes.sum()).tolist(), INK)
    for line, row in enumerate(shares.to_dict("records")):
        colour = GREY if row["method"] in controls() else BLUE
        _line(axes, float(line), [float(row[wave]) for wave in WAVES], colour)
    _grid(axes, WAVES, "Measured effect", methods, above=1.3, size=7)
    return {"waves": figure}


def _line(axes: Axes, line: float, shares: Sequence[float], colour: str) -> None:
    for column, share in enumerate(shares):
        depth = share if share > 0 else 0.0  # NaN is not
        corner = (column - 0.48, line - 0.46)
        axes.add_patch(
            Rectangle(corner, 0.96, 0.92, facecolor=colour, alpha=depth, edgecolor="none")
        )
        named = {**TYPE, "color": readable_on(colour, depth)}
        axes.text(column, line, percent(share) or "–", ha="center", va="center", size=7, **named)


class SimilarityView(AgreementView):
    """Agreement of the methods, with the matrix of every two."""

    captions: ClassVar[Mapping[str, str]] = {
        **AgreementView.captions,
        "matrix": "Above the diagonal: mean ρ of two methods' absolute heatmaps of one ECG. Below "
        "it: the baseline, ρ of their maps of two different ECGs. Like methods stand together.",
    }

    def drawn(self) -> Mapping[str, Figure]:
        """ρ of every method, and of every two."""
        details = self.finding.details
        pairs = headline(details["pairs"])
        if not any_number(pairs["value"]):
            return super().drawn()
        return {**super().drawn(), "matrix": matrix_figure(pairs, details["order"], self.of)}


CELL = 0.5  # inches: two digits of 7 points fit
# Cividis runs from dark to light in print and for any colour vision (Nuñez 2018).
COLOURS = "cividis"
LIGHT = 0.6  # of the range: text on brighter cells is dark


def matrix_figure(pairs: pd.DataFrame, order: pd.DataFrame, title: str) -> Figure:
    """Above the diagonal ρ of two methods on one ECG, below it the baseline: on two different ECGs.

    `pairs` are those of one view, `order` the methods as clustered.
    """
    names = [*order["method"]]
    count = len(names)
    values = np.full((count, count), np.nan)
    for row in pairs.to_dict("records"):
        one, other = sorted((names.index(row["method"]), names.index(row["other"])))
        values[one, other], values[other, one] = row["value"], row["other_ecg"]
    size = 2.4 + CELL * count
    figure = Figure(figsize=(size, 0.88 * size), dpi=150, layout="constrained")
    axes = figure.subplots()
    low = min(0.0, float(np.nanmin(values))) if np.isfinite(values).any() else 0.0
    image = axes.imshow(values, cmap=COLOURS, vmin=low, vmax=1)
    for (down, right), value in np.ndenumerate(values):
        if np.isfinite(value):
            bright = (value - low) / (1 - low) > LIGHT
            axes.text(
                right, down, fixed(value, 2), ha="center", va="center",
                fontsize=7, color="black" if bright else "white",
            )  # fmt: skip
    labels = [style(name).label for name in names]
    axes.set_xticks(range(count), labels, rotation=45, ha="right", rotation_mode="anchor", **TYPE)
    axes.set_yticks(range(count), labels, **TYPE)
    quiet(axes, title)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    bar = figure.colorbar(image, ax=axes, shrink=0.7)
    bar.set_label("ρ of absolute maps", fontsize=8, **TYPE)
    bar.ax.tick_params(labelsize=7, colors=INK)
    return figure
