"""The usual view: one number per ECG for each measure and method."""

from collections.abc import Mapping
from typing import Any, ClassVar

from matplotlib.figure import Figure

from ..figures.forest import better, forest_figure
from ..text.numerals import decimals
from ..text.validation import validation_of
from .view import View

CAPTIONS = {
    "forest": "Mean over ECGs with its 95 % interval over patients. Hollow grey dots are controls; "
    "a dotted line is what a random map gets, where it is known.",
}
ABOUT = {
    "faithfulness": "what the network uses",
    "plausibility": "where a cardiologist looks",
    "robustness": "whether the map stays where it should",
    "description": "what the map says; no value is better",
}


class MeasuresView(View):
    """One number per ECG for each measure and method: a forest of all measures and their tables.

    A subclass adds figures of its own (`own_figures`), with their captions.
    """

    template: ClassVar[str] = "measures.html"
    captions: ClassVar[Mapping[str, str]] = CAPTIONS

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

    def shown(self) -> dict[str, Any]:
        """What the template needs."""
        return super().shown() | {
            "measures": [self._measure(place) for place in range(len(self.finding.measures))],
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
