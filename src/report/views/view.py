"""What the sections of all experiments have in common: names, the answer, files."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
from matplotlib.figure import Figure

from ...eval import Answer
from ..figures.pictures import inline_svg, png
from ..figures.style import printed
from ..self_contained import write_file
from ..tables import write_table
from ..text.differences import DIGITS
from ..text.numerals import counted
from ..text.words import INPUTS, target_words


@dataclass(frozen=True)
class AnswerSection(ABC):
    """`key` names the section's files and its place on the page.

    `differing` tells it from sections of the same question, "" where there is none.
    """

    key: str
    answer: Answer
    differing: str = ""

    titles: ClassVar[Mapping[str, str]]  # the question of each experiment
    template: ClassVar[str]
    captions: ClassVar[Mapping[str, str]] = {}

    @property
    def title(self) -> str:
        """The question, of which network."""
        experiment = self.answer.finding.experiment
        told = (self.of, self.titles.get(experiment, experiment), self.differing)
        return " · ".join(filter(None, told))

    @property
    def of(self) -> str:
        """Target and input."""
        shown = INPUTS.get(self.answer.input, "")
        return f"{target_words(self.answer.target)} · {shown}".rstrip(" ·")

    @property
    def network(self) -> str:
        """The networks, the first by its key."""
        if not self.answer.networks:
            return "no network"
        first, *others = (network[:DIGITS] for network in self.answer.networks)
        return f"network {first}" + (f" and {len(others)} more" if others else "")

    @property
    def sentence(self) -> str:
        """The answer with the methods' printed names."""
        finding = self.answer.finding
        return printed(finding.sentence, dict.fromkeys(finding.table["method"]))

    @property
    def seen(self) -> str:
        """On how much it stands."""
        told = counted(self.answer.ecgs, "ECG")
        if self.answer.patients < self.answer.ecgs:
            told += f" of {counted(self.answer.patients, 'patient')}"
        return f"{told}, {counted(len(self.answer.networks), 'network')}"

    @abstractmethod
    def drawn(self) -> Mapping[str, Figure]:
        """Draw every figure, by the name of its file."""

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """Every figure by the name of its file, drawn once."""
        return self.drawn()

    @cached_property
    def pictures(self) -> Mapping[str, bytes]:
        """Every figure as PNG."""
        return {name: png(figure) for name, figure in self.figures.items()}

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Every table with rows by the name of its file."""
        every = {"methods": self.answer.finding.table, **self.answer.finding.details}
        return {name: table for name, table in every.items() if len(table)}

    def write(self, folder: Path) -> None:
        """The figures as PNG and the tables as CSV."""
        for name, picture in self.pictures.items():
            write_file(folder / f"{self.key}-{name}.png", picture)
        for name, table in self.tables.items():
            write_table(table, folder / f"{self.key}-{name}.csv")

    def shown(self) -> dict[str, Any]:
        """What the template needs of every experiment."""
        finding = self.answer.finding
        return {
            "template": self.template,
            "key": self.key,
            "title": self.title,
            "answer": self.sentence,
            "question": finding.question,
            "source": finding.source,
            "seen": self.seen,
            "notes": finding.notes,
            "figures": [
                (inline_svg(figure, f"{self.key}-{name}"), self.caption(name))
                for name, figure in self.figures.items()
            ],
        }

    @classmethod
    def caption(cls, figure: str) -> str:
        """Of the figure of this name, that of the longest key of `captions` it begins with."""
        keys = [key for key in cls.captions if figure.startswith(key)]
        return cls.captions[max(keys, key=len)]
