"""The usual view, one number per ECG for each measure and method; of waves and of shortcuts."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from pandas.api.types import is_float_dtype, is_integer_dtype

from ...ecg import WAVES
from ...eval import Finding
from ...explain import controls
from ..figures.curves import quiet
from ..figures.intervals import better, forest_figure
from ..style import BLUE, GREY, INK, TYPE, readable_on, style
from ..text.cautions import validation_of
from ..text.numerals import decimals, fixed, percent
from .view import View, any_number

ABOUT = {
    "faithfulness": "what the network uses",
    "plausibility": "where a cardiologist looks",
    "robustness": "whether the map stays where it should",
    "description": "what the map says; no value is better",
}


class MeasuresView(View):
    """One number per ECG for each measure and method: a forest of all measures and their tables.

    A subclass adds figures of its own (`own_figures`), with their captions, and tables
    (`own_tables`).
    """

    template: ClassVar[str] = "measures.html"
    captions: ClassVar[Mapping[str, str]] = {
        "forest": "Mean over ECGs with its 95 % interval over patients. Hollow grey dots are "
        "controls; a dotted line is what a random map gets, where it is known.",
    }

    def drawn(self) -> Mapping[str, Figure]:
        """The forest of the measures that have a number, then the view's own figures."""
        table = self.finding.table
        known = {*table.loc[table["value"].notna(), "measure"]}
        measures = tuple(each for each in self.finding.measures if each.name in known)
        forest = {"forest": forest_figure(table, measures, self.of)} if measures else {}
        return {**forest, **self.own_figures()}

    def own_figures(self) -> Mapping[str, Figure]:
        """Figures besides the forest."""
        return {}

    def own_tables(self) -> Mapping[str, pd.DataFrame]:
        """Tables by their captions, besides those of the measures; `method` is its printed name."""
        return {}

    def shown(self) -> dict[str, Any]:
        """Values for the template."""
        return super().shown() | {
            "measures": [self._measure(place) for place in range(len(self.finding.measures))],
            "own_tables": [
                {"caption": caption, **_columns(table)}
                for caption, table in self.own_tables().items()
                if len(table)
            ],
        }

    def _measure(self, place: int) -> dict[str, Any]:
        measure = self.finding.measures[place]
        rows = self.finding.table.loc[self.finding.table["measure"] == measure.name]
        return {
            "label": measure.label,
            "explained": measure.explained,
            "about": f"{measure.about}: {ABOUT[measure.about]}",
            "source": measure.source,
            "unit": f"{f', {measure.unit}' if measure.unit else ''}{better(measure)}",
            "chance": measure.chance,
            "validation": validation_of(self.finding, measure),
            "ordered": measure.higher_is_better is not None,
            "places": decimals(rows["value"]),
            "rows": rows.astype(object).where(rows.notna(), None).to_dict("records"),
        }


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    """Heads and rows of printed cells; numbers of a column have the same decimals."""
    heads, columns = [], []
    for name, values in table.items():
        if is_integer_dtype(values) or is_float_dtype(values):
            places = 0 if is_integer_dtype(values) else decimals(values.dropna())
            heads.append(f"#{name}")
            columns.append([fixed(each, places) for each in values])
        else:
            words = [str(each) if pd.notna(each) else "" for each in values]
            heads.append(str(name))
            columns.append([style(each).label for each in words] if name == "method" else words)
    return {"heads": heads, "rows": list(zip(*columns, strict=True))}


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


class ReturnView(MeasuresView):
    """The forest, and each null as a share of the own map's return."""

    def own_tables(self) -> Mapping[str, pd.DataFrame]:
        """A row per network, method and typical ECG."""
        unit, table = self.finding.about.target.unit, self.finding.details["shown"]
        several = len(self.finding.about.networks) > 1
        rows = [
            {
                **({"network": row["network"]} if several else {}),
                "method": style(row["method"]).label,
                "typical ECG": row["typical"],
                f"return, {unit}" if unit else "return": row["returned"],
                "deviation gone after 5 segments, %": 100 * row["share_5"],
                "after 15, %": 100 * row["share_15"],
                **{
                    f"{printed}, % of own": _share(row, name)
                    for name, printed in NULL_HEADS.items()
                    if name in row
                },
                "beyond every null": "yes" if row["shown"] else "no",
            }
            for row in table.to_dict("records")
        ]
        caption = (
            "Return by the own map, and by maps of other patients: that of the nearest reading, "
            "and the mean of those on the same side (95 % intervals)."
        )
        return {caption: pd.DataFrame(rows)}


# Nulls of the return test, as heads of a table.
NULL_HEADS = {
    "nearest": "nearest reading",
    "nearest_from_r": "nearest reading, from R",
    "same_side": "same side",
    "same_side_from_r": "same side, from R",
}


def _share(row: Mapping[Any, Any], name: str) -> str:
    value, low, high = (100 * row[f"{name}{end}"] for end in ("", "_low", "_high"))
    if not np.isfinite(value):
        return "–"
    ends = f" ({fixed(low, 0)} to {fixed(high, 0)})" if np.isfinite(low) else ""
    return f"{fixed(value, 0)}{ends}"


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
    axes.set_xlim(-0.5, len(WAVES) - 0.5)
    axes.set_ylim(len(methods) - 0.5, -1.8)
    axes.set_xticks(range(len(WAVES)), WAVES, **TYPE)
    axes.xaxis.tick_top()
    named = ["Measured effect", *(style(method).label for method in methods)]
    axes.set_yticks([-1.3, *range(len(methods))], named, **TYPE)
    quiet(axes, "")
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0, labelsize=7)
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
