"""The end of a report: what an author can paste, and its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ...eval import Finding
from ...store import write_text
from ..keys import unique_key
from ..privacy.pseudonyms import Pseudonyms
from ..tables import write_table
from ..text.words import INPUTS, target_words
from .flow import flow
from .manuscript import Manuscript, manuscripts
from .references import Citations, bibliography
from .settings import settings
from .text import paragraphs

# What no fact can say; TRIPOD+AI asks for it.
TO_ADD = (
    "To be added by you: setting, dates and eligibility of the patients, their age and sex, ethics "
    "approval, funding, availability of data and code."
)


@dataclass(frozen=True)
class MethodsSection:
    """`key` names its files."""

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

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Settings and flow."""
        return {"settings": settings(self.manuscript), "exclusions": flow(self.manuscript)}

    def write(self, folder: Path) -> None:
        """The text, the references as BibTeX and the tables as CSV."""
        _, cite = self.cited
        write_text(folder / f"{self.key}.txt", self.text)
        write_text(folder / f"{self.key}.bib", bibliography(cite.known, cite.cited))
        for name, table in self.tables.items():
            write_table(table, folder / f"{self.key}-{name}.csv")

    def shown(self) -> dict[str, Any]:
        """What the template needs."""
        paragraphs, cite = self.cited
        tables = {name: table.to_dict("records") for name, table in self.tables.items()}
        of = f"{target_words(self.manuscript.target)} · {INPUTS.get(self.manuscript.input, '')}"
        return {
            "key": self.key,
            "of": of.rstrip(" ·"),
            "paragraphs": paragraphs,
            "to_add": TO_ADD,
            "references": [each.printed for each in cite.references],
            **tables,
        }


def methods_sections(findings: Sequence[Finding], names: Pseudonyms) -> list[MethodsSection]:
    """One text for each network and its data; findings of no network are left out."""
    found: list[MethodsSection] = []
    for manuscript in manuscripts(findings, names):
        target = manuscript.target
        explained = f" {target.explained}" if target.classes else ""
        name = f"methods {target.name}{explained} {manuscript.input}"
        found.append(MethodsSection(unique_key(name, {each.key for each in found}), manuscript))
    return found
