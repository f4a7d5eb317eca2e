"""A section of the report: what one evaluation measured, in words, tables and figures."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, cast

from matplotlib.figure import Figure

from ...eval import Panel
from ..figures.forest import better, forest_figure
from ..figures.pictures import vector
from ..self_contained import write_file
from ..text.numerals import decimals
from ..text.validation import measure_on_trial
from . import effects, relevance, shortcuts
from .view import AnswerSection

# The question of each evaluation, and what it draws beside the forest: figures by the name of their
# file, which begins with the key of its caption.
TITLES: dict[str, str] = {
    "axioms": "What does a map owe whatever the network is?",
    "counterfactuals": "Does the map say how the output moves when one thing changes?",
    "degradation": "What moves the output while all of an ECG is taken away?",
    "effects": "Does relevance by wave say what a swapped wave does?",
    "localisation_both": "Do maps lie where a cardiologist decides the target?",
    "localisation_edge": "Do maps lie around the edges that decide the target?",
    "localisation_wave": "Do maps lie in the waves that decide the target?",
    "relevance": "What does relevance say by class, lead and beat?",
    "shortcuts": "Is there relevance where no heart is seen?",
    "votes_averaged": "Which maps on the averaged beat do experts prefer?",
    "votes_full": "Which maps on twelve leads do experts prefer?",
}
FIGURES: dict[str, Callable[[Panel], Mapping[str, Figure]]] = {
    "effects": effects.figures,
    "relevance": relevance.figures,
    "shortcuts": shortcuts.figures,
}
CAPTIONS = {
    "forest": "Mean over ECGs with its 95 % interval over patients. Hollow grey dots are controls; "
    "a dotted line is what a random map gets, where it is known.",
    **effects.CAPTIONS,
    **relevance.CAPTIONS,
    **shortcuts.CAPTIONS,
}
# Drawn at journal width for a paper, which takes them as PDF or SVG.
FOR_PAPERS = tuple(relevance.CAPTIONS)
ABOUT = {
    "faithfulness": "what the network uses",
    "plausibility": "where a cardiologist looks",
    "robustness": "whether the map stays where it should",
    "description": "what the map says; no value is better",
}


class PanelSection(AnswerSection):
    """A panel: one number per ECG for each measure and method."""

    titles: ClassVar[Mapping[str, str]] = TITLES
    template: ClassVar[str] = "panel.html"
    captions: ClassVar[Mapping[str, str]] = CAPTIONS

    @property
    def panel(self) -> Panel:
        """What was found."""
        return cast(Panel, self.answer.finding)

    def drawn(self) -> Mapping[str, Figure]:
        """The forest of all measures, then the evaluation's own."""
        own = FIGURES.get(self.panel.experiment, lambda _: {})(self.panel)
        forest = forest_figure(self.panel.table, self.panel.measures, self.of)
        return {"forest": forest, **own}

    def write(self, folder: Path) -> None:
        """The figures as PNG, those for papers as PDF and SVG too, and the tables as CSV."""
        super().write(folder)
        for name, figure in self.figures.items():
            if name.startswith(FOR_PAPERS):
                for kind in ("pdf", "svg"):
                    write_file(folder / f"{self.key}-{name}.{kind}", vector(figure, kind))

    def shown(self) -> dict[str, Any]:
        """What the template needs."""
        return super().shown() | {
            "measures": [self._measure(place) for place in range(len(self.panel.measures))],
        }

    def _measure(self, place: int) -> dict[str, Any]:
        measure = self.panel.measures[place]
        rows = self.panel.table.loc[self.panel.table["measure"] == measure.name]
        return {
            "label": measure.label,
            "explained": measure.explained,
            "about": f"{measure.about}: {ABOUT[measure.about]}",
            "source": measure.source,
            "unit": f"{f', {measure.unit}' if measure.unit else ''}{better(measure)}",
            "chance": measure.chance,
            "on_trial": measure_on_trial(self.answer, measure),
            "ordered": measure.higher_is_better is not None,
            "places": decimals(rows["value"]),
            "rows": rows.astype(object).where(rows.notna(), None).to_dict("records"),
        }
