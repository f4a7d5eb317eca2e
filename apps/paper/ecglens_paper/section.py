"""The end of a report: what an author can paste, and its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import pandas as pd
from ecglens.eval import Finding
from ecglens.report import Section, environment, unique_key, write_file, write_table
from ecglens.report.figures import inline_svg, png
from ecglens.report.text import INPUTS, target_words
from ecglens.store import write_text
from markupsafe import Markup
from matplotlib.figure import Figure

from .flow import flow, flow_chart, flow_figure
from .manuscript import Manuscript, manuscripts, settings
from .references import Citations, bibliography
from .text import paragraphs
from .tripod import checklist, markdown, standing

# What no fact can say; TRIPOD+AI asks for it.
TO_ADD = (
    "To be added by you: setting, dates and eligibility of the patients, their age and sex, ethics "
    "approval, funding, availability of data and code."
)


CAPTIONS = {"flow": "Flow of the ECGs: what was read, left out and why, divided, and explained."}


@dataclass(frozen=True)
class MethodsSection(Section):
    """Methods text of the findings on one set of networks and data."""

    heading: ClassVar[str] = "For the methods of a paper"
    note: ClassVar[str] = (
        "Made from the facts of this run; paste it and check it. Numbers in brackets are the "
        "references."
    )
    key: str
    manuscript: Manuscript

    @cached_property
    def cited(self) -> tuple[list[tuple[str, str]], Citations]:
        """The paragraphs, and what they cite."""
        cite = Citations()
        return paragraphs(self.manuscript, cite), cite

    @property
    def text(self) -> str:
        """The paragraphs and the references as plain text."""
        paragraphs, cite = self.cited
        listed = [f"{n}. {one.printed}" for n, one in enumerate(cite.references, 1)]
        body = "\n\n".join(f"{heading}. {text}" for heading, text in paragraphs)
        return f"{body}\n\n{TO_ADD}\n\nReferences\n" + "\n".join(listed) + "\n"

    @cached_property
    def tripod(self) -> pd.DataFrame:
        """The TRIPOD+AI checklist, a row per item."""
        texts, _ = self.cited
        return checklist(self.manuscript, dict(texts), self.key)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Settings and flow."""
        return {"settings": settings(self.manuscript), "exclusions": flow(self.manuscript)}

    @property
    def title(self) -> str:
        """Target and input."""
        of = f"{target_words(self.manuscript.target)} · {INPUTS.get(self.manuscript.input, '')}"
        return of.rstrip(" ·")

    def drawn(self) -> dict[str, Figure]:
        """The flow of the ECGs, drawn now; nothing where only the explained ones are known."""
        chart = flow_chart(self.manuscript)
        return {"flow": flow_figure(chart)} if chart.read or chart.parts else {}

    def caption(self, figure: str) -> str:
        """The caption of a figure."""
        return CAPTIONS[figure]

    def write(self, folder: Path) -> None:
        """The text, the checklist, the references as BibTeX, tables as CSV and figures as PNG."""
        _, cite = self.cited
        write_text(folder / f"{self.key}.txt", self.text)
        write_text(folder / f"{self.key}.bib", bibliography(cite.known, cite.cited))
        write_text(folder / f"{self.key}-tripod.md", markdown(self.tripod, self.title, self.key))
        for name, figure in self.figures.items():
            write_file(folder / f"{self.key}-{name}.png", png(figure))
        for name, table in self.tables.items():
            write_table(table, folder / f"{self.key}-{name}.csv")

    def html(self, *, beside: bool) -> Markup:
        """The text, flow, settings and references, folded."""
        paragraphs, cite = self.cited
        tables = {name: table.to_dict("records") for name, table in self.tables.items()}
        template = environment(__package__ or "").get_template("methods.html")
        shown = template.render(
            key=self.key,
            beside=beside,
            figures=[
                (inline_svg(figure, f"{self.key}-{name}"), self.caption(name))
                for name, figure in self.figures.items()
            ],
            paragraphs=paragraphs,
            to_add=TO_ADD,
            tripod=standing(self.tripod),
            references=[each.printed for each in cite.references],
            **tables,
        )
        return Markup(shown)


def methods_sections(findings: Sequence[Finding]) -> list[MethodsSection]:
    """One text for each network and its data; findings of no network are left out."""
    found: list[MethodsSection] = []
    for manuscript in manuscripts(findings):
        target = manuscript.target
        explained = f" {target.explained}" if target.classes else ""
        name = f"methods {target.name}{explained} {manuscript.input}"
        found.append(MethodsSection(unique_key(name, {each.key for each in found}), manuscript))
    return found
