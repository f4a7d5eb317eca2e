"""Views of evaluations that rank nothing: numbers per ECG, the return test, agreement, weights."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from pandas.api.types import is_float_dtype, is_integer_dtype

from ...eval import MOST_KEPT, Measure
from ..figures.curves import cascade_figure
from ..figures.intervals import better, estimates_figure, forest_figure, gates_of, kept_figure
from ..style import style
from ..text.cautions import validation_of
from ..text.numerals import decimals, fixed
from ..text.words import RULES
from .view import View, any_number

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


VERDICTS = {
    "redrawn_verdict": "Weights redrawn",
    "moved_verdict": "Input moved",
    "labels_verdict": "Permuted labels",
    "verdict": "Verdict",
}


class AgreementView(View):
    """ρ of heatmaps by method beside its baselines."""

    template: ClassVar[str] = "agreement.html"
    captions: ClassVar[Mapping[str, str]] = {
        "estimates": "Mean ρ of absolute heatmaps over ECGs with its 95 % interval over {sampled}; "
        "hollow dots are controls. The grey marks are the baselines: a ρ that is no higher than "
        "the maps of two different ECGs have in common (upright bar) shows no more than a "
        "template."
    }

    def drawn(self) -> Mapping[str, Figure]:
        """ρ of every method; nothing where no ECG has one."""
        table = self.finding.table
        if not any_number(table["value"]):
            return {}
        return {"estimates": estimates_figure(table, self.title)}

    def shown(self) -> dict[str, Any]:
        table = self.finding.table
        return super().shown() | {
            "rows": table.to_dict("records"),
            "verdicts": {name: head for name, head in VERDICTS.items() if name in table},
            "outputs": "output_r" in table,
            "kept": False,
            "rho": "other_ecg" in table,
        }


class WeightsView(AgreementView):
    """Score that the gates judge, and how the maps change from layer to layer."""

    captions: ClassVar[Mapping[str, str]] = {
        "kept": "What the gates judge: the area on this network along the maps of networks without "
        "what it learned, or of itself behind a moved input, as a share of that along its own maps "
        "(both less the area of random numbers), by the protocol that decides, with its 95 % "
        "interval over these networks and {sampled} (labels permuted: over {sampled}). "
        "Significantly left of the shaded range passes; hollow marks are controls.",
        "cascade": "Mean ρ beyond |x| of absolute heatmaps by sample with those of the original "
        "network, from the output to the input. It describes; no gate judges it.",
    }

    def drawn(self) -> Mapping[str, Figure]:
        """Score that twins keep, and ρ through the layers; nothing where none has a number."""
        table, stages = self.finding.table, self.finding.details.get("stages")
        figures = {}
        if any_number(table[[f"{gate}_kept" for gate in gates_of(table)]]):
            figures["kept"] = kept_figure(table, self.title)
        if stages is not None and "beyond_x" in stages and any_number(stages["beyond_x"]):
            figures["cascade"] = cascade_figure(stages, self.of)
        return figures

    def shown(self) -> dict[str, Any]:
        shown, gates = super().shown(), gates_of(self.finding.table)
        for row in shown["rows"]:
            row |= {f"{gate}_why": RULES.get(why := row[f"{gate}_why"], why) for gate in gates}
        return shown | {"kept": True, "gates": gates, "most": MOST_KEPT}
