"""The base of every view: names, the answer, figures, tables and files of one finding."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from ...eval import Finding
from ...explain import WAS_LEFT_OUT
from ...store import say_once
from ..figures.pictures import inline_svg, png, small_png
from ..files import unique_key, write_file, write_table
from ..style import printed
from ..text.differences import networks_words
from ..text.numerals import MINUS, counted, sampled
from ..text.words import INPUTS, named, target_words

# Average beats in twelve leads take 400 000 as SVG; the page of evaluation=all has 4 MB.
LARGE = 150_000
HYPHEN = re.compile(r"(?<![\w-])-(?=\d)")  # before a negative number


def key_of(finding: Finding, words: str, beside: Iterable["View"]) -> str:
    """Key of a view that none `beside` it has: target, what is explained, input, these words."""
    about, target = finding.about, finding.about.target
    explained = f" {target.explained}" if target.classes else ""
    taken = {view.key for view in beside}
    return unique_key(f"{target.name}{explained} {about.input} {words}", taken)


def any_number(values: pd.Series | pd.DataFrame) -> bool:
    """True if there is anything to draw."""
    return bool(np.isfinite(values.to_numpy(float, na_value=np.nan)).any())


@dataclass(frozen=True)
class View(ABC):
    """A finding on the page; `key` names its files and its place there.

    `differing` tells it from other views of the same evaluation, "" where there is none. A figure
    has the caption of the longest key of `captions` that its name begins with, {sampled} filled in.
    """

    key: str
    finding: Finding
    differing: str = ""

    template: ClassVar[str]
    captions: ClassVar[Mapping[str, str]] = {}
    # True for a picture that belongs beside the answer, open, as that of what the network reads.
    leads: ClassVar[bool] = False

    @property
    def title(self) -> str:
        """Target and input, the question, and what differs."""
        return " · ".join(filter(None, (self.of, self.finding.about.question, self.differing)))

    def title_of(self, figure: str) -> str:
        """The title of the figure of this name."""
        return self.title

    @property
    def of(self) -> str:
        """Target and input."""
        shown = INPUTS.get(self.finding.about.input, "")
        return f"{target_words(self.finding.about.target)} · {shown}".rstrip(" ·")

    @property
    def network(self) -> str:
        """The networks, the first by its key."""
        return networks_words(self.finding.about.networks)

    @property
    def sentence(self) -> str:
        """The answer with the methods' printed names and true minus signs."""
        left_out = chain.from_iterable(each.left_out for each in self.finding.curves)
        sentence = printed(self.finding.sentence, [*self.finding.methods, *left_out])
        return HYPHEN.sub(MINUS, named(sentence, self.finding.about.target))

    @property
    def notes(self) -> list[str]:
        """The finding's notes with the methods' printed names, those that were left out too."""
        known, notes = self.finding.methods, self.finding.notes
        return [printed(each, [*known, each.partition(WAS_LEFT_OUT)[0]]) for each in notes]

    @property
    def seen(self) -> str:
        """Number of ECGs, patients and networks."""
        about, patients = self.finding.about, self.finding.patients
        text = counted(len(about.records), "ECG")
        if patients < len(about.records):
            text += f" of {counted(patients, 'patient')}"
        return f"{text}, {counted(len(about.networks), 'network')}"

    @abstractmethod
    def drawn(self) -> Mapping[str, Figure]:
        """Every figure by the name of its file, drawn now."""

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
        every = {"methods": self.finding.table, **self.finding.details}
        return {name: table for name, table in every.items() if len(table)}

    def write(self, folder: Path) -> None:
        """Write the figures as PNG and the tables as CSV."""
        for name, picture in self.pictures.items():
            write_file(folder / f"{self.key}-{name}.png", picture)
        for name, table in self.tables.items():
            write_table(table, folder / f"{self.key}-{name}.csv")

    def shown(self) -> dict[str, Any]:
        """Values for every template."""
        return {
            "template": self.template,
            "key": self.key,
            "title": self.title,
            "leads": self.leads,
            "evaluation": self.finding.about.evaluation,
            "answer": self.sentence,
            "source": self.finding.about.source,
            "seen": self.seen,
            "sampled": sampled(self.finding.facts),
            "notes": self.notes,
            "files": [f"{self.key}-{name}" for name in self.tables],
            "figures": [(self._inline(name), self.caption(name)) for name in self.figures],
        }

    def _inline(self, name: str) -> Markup:
        """A figure as SVG, or as a picture where that would take more than LARGE characters."""
        svg = inline_svg(self.figures[name], f"{self.key}-{name}")
        picture = small_png(self.pictures[name], LARGE) if len(svg) > LARGE else None
        if picture is None:
            return svg
        words = Markup('<img alt="{}" style="width: {:.2f}in" src="data:image/png;base64,{}">')
        return words.format(self.caption(name), self.figures[name].get_figwidth(), picture)

    def caption(self, figure: str) -> str:
        """The caption of the figure of this name; where there is none, its name, and a line."""
        keys = [key for key in self.captions if figure.startswith(key)]
        if not keys:
            say_once(
                f"expected in {type(self).__name__}.captions one for {figure!r}, got none that fits"
            )
            return figure
        return self.captions[max(keys, key=len)].replace("{sampled}", sampled(self.finding.facts))


class NotApplicableView(View):
    """The reason alone."""

    template: ClassVar[str] = "not_applicable.html"

    def drawn(self) -> Mapping[str, Figure]:
        return {}
