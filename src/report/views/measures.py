"""The usual view, one number per ECG for each measure and method; that of the return test."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from pandas.api.types import is_float_dtype, is_integer_dtype

from ...eval import Measure
from ..figures.intervals import better, forest_figure
from ..style import style
from ..text.cautions import validation_of
from ..text.numerals import decimals, fixed
from .view import View

ABOUT = {
    "faithfulness": "what the network uses",
    "plausibility": "where a cardiologist looks",
    "robustness": "whether the map stays where it should",
    "description": "what the map says; no value is better",
}


class MeasuresView(View):
    """One number per ECG for each measure and method: a forest of all measures and their tables.

    A subclass adds figures (`own_figures`), with their captions, and tables (`own_tables`).
    """

    template: ClassVar[str] = "measures.html"
    captions: ClassVar[Mapping[str, str]] = {
        "forest": "Mean over ECGs with its 95 % interval over {sampled} (and networks, of several)."
        " Hollow grey dots are controls; a dotted line is what a random map gets, if known."
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
        return super().shown() | {
            "measures": [self._measure(each) for each in self.finding.measures],
            "own_tables": [
                {"caption": caption, **_columns(table)}
                for caption, table in self.own_tables().items()
                if len(table)
            ],
        }

    def _measure(self, measure: Measure) -> dict[str, Any]:
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
