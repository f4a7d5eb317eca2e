"""A section of the report: what one experiment found, in words, tables and figures."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from ...eval import Answer
from ...eval.sanity.rows import headline
from ..differences import DIGITS
from ..keys import unique_key
from ..numerals import counted
from ..pictures import inline_svg, png
from ..self_contained import write_file
from ..style import style
from ..tables import write_table
from ..words import INPUTS, target_words
from .cascade import cascade_figure
from .estimates import estimates_figure
from .matrix import matrix_figure

TITLES = {
    "similarity": "Do the methods agree with each other?",
    "consistency": "Do the maps of retrained networks agree?",
    "weights": "Does the map depend on what the network has learned?",
}
CAPTIONS = {
    "estimates": "Mean ρ of absolute heatmaps over ECGs with its 95 % interval over patients; "
    "hollow dots are controls. The grey marks are the floors: a ρ that is no higher than the maps "
    "of two different ECGs have in common (upright bar) says nothing about this ECG.",
    "matrix": "Above the diagonal: mean ρ of two methods' absolute heatmaps of one ECG. Below it: "
    "the floor, ρ of their maps of two different ECGs. Like methods stand together.",
    "cascade": "Mean ρ of absolute heatmaps with those of the original network. A map that does "
    "not fall to the shaded floors (maps of two different ECGs) does not show what was learned.",
}


@dataclass(frozen=True)
class FindingSection:
    """`key` names the section's files and its place on the page.

    `differing` tells it from sections of the same question, "" where there is none.
    """

    key: str
    answer: Answer
    differing: str = ""

    @property
    def title(self) -> str:
        """The question, of which network."""
        experiment = self.answer.finding.experiment
        told = (self.of, TITLES.get(experiment, experiment), self.differing)
        return " · ".join(filter(None, told))

    @property
    def of(self) -> str:
        """Target and input."""
        return f"{target_words(self.answer.target)} · {INPUTS.get(self.answer.input, '')}".rstrip(
            " ·"
        )

    @property
    def _sentence(self) -> str:
        """The answer with the methods' printed names."""
        sentence = self.answer.finding.sentence
        for name in self.answer.finding.table["method"]:
            # "random" is a word of every day too.
            if name != "random":
                sentence = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", style(name).label, sentence)
        return sentence

    @property
    def seen(self) -> str:
        """On how much it stands."""
        told = counted(self.answer.ecgs, "ECG")
        if self.answer.patients < self.answer.ecgs:
            told += f" of {counted(self.answer.patients, 'patient')}"
        return f"{told}, {counted(len(self.answer.networks), 'network')}"

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """Every figure by the name of its file."""
        finding, title = self.answer.finding, self.title
        figures = {"estimates": estimates_figure(finding.table, title)}
        details = finding.details
        if "pairs" in details:
            pairs = headline(details["pairs"])
            figures["matrix"] = matrix_figure(pairs, details["order"], self.of)
        if "stages" in details:
            figures["cascade"] = cascade_figure(details["stages"], self.of)
        return figures

    @cached_property
    def pictures(self) -> Mapping[str, bytes]:
        """Every figure as PNG."""
        return {name: png(figure) for name, figure in self.figures.items()}

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Every table by the name of its file."""
        return {"methods": self.answer.finding.table, **self.answer.finding.details}

    def write(self, folder: Path) -> None:
        """The figures as PNG and the tables as CSV."""
        for name, picture in self.pictures.items():
            write_file(folder / f"{self.key}-{name}.png", picture)
        for name, table in self.tables.items():
            write_table(table, folder / f"{self.key}-{name}.csv")

    def shown(self) -> dict[str, Any]:
        """What the template needs."""
        finding = self.answer.finding
        return {
            "key": self.key,
            "title": self.title,
            "answer": self._sentence,
            "question": finding.question,
            "source": finding.source,
            "seen": self.seen,
            "notes": finding.notes,
            "rows": finding.table.to_dict("records"),
            "verdicts": [column for column in VERDICTS if column in finding.table],
            "verdict_names": VERDICTS,
            "outputs": "output_r" in finding.table,
            "beyond_x": "beyond_x" in finding.table,
            "figures": [
                (inline_svg(figure, f"{self.key}-{name}"), CAPTIONS[name])
                for name, figure in self.figures.items()
            ],
        }


VERDICTS = {
    "weights_verdict": "Weights drawn anew",
    "permuted_verdict": "Permuted labels",
    "verdict": "Verdict",
}


def finding_sections(answers: Sequence[Answer]) -> list[FindingSection]:
    """The sections of these answers, each with a key of its own."""
    sections: list[FindingSection] = []
    taken: set[str] = set()
    for answer in answers:
        explained = f" {answer.target.explained}" if answer.target.classes else ""
        of = f"{answer.target.name}{explained} {answer.input} {answer.finding.experiment}"
        key = unique_key(of, taken)
        taken.add(key)
        sections.append(FindingSection(key, answer))
    titles = Counter(section.title for section in sections)
    return [
        section if titles[section.title] == 1 else replace(section, differing=_network(section))
        for section in sections
    ]


def _network(section: FindingSection) -> str:
    first, *others = (network[:DIGITS] for network in section.answer.networks)
    return f"network {first}" + (f" and {len(others)} more" if others else "")
