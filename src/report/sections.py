"""Sections that installed packages add to the end of a page, about its findings as a whole."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from .. import registry
from ..eval import Finding
from .privacy import Pseudonyms, shareable


class Section(ABC):
    """Section of a page with figures, tables and files of its own, such as a methods text.

    `key` names its files. Sections of one package stand below one `heading` with one `note`.
    """

    heading: ClassVar[str]
    note: ClassVar[str]
    key: str

    @property
    @abstractmethod
    def title(self) -> str:
        """Title that tells it from the others below the heading."""

    @property
    @abstractmethod
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Every table by the name of its file."""

    @abstractmethod
    def drawn(self) -> Mapping[str, Figure]:
        """Every figure by the name of its file, drawn now."""

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """Every figure by the name of its file, drawn once."""
        return self.drawn()

    @abstractmethod
    def caption(self, figure: str) -> str:
        """The caption of the figure of this name."""

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Write its files."""

    @abstractmethod
    def html(self, *, beside: bool) -> Markup:
        """What the page shows of it; it links to its files if they lie `beside` the page."""


def added_sections(findings: Sequence[Finding], names: Pseudonyms) -> dict[str, Sequence[Section]]:
    """Sections of installed packages by the name of their entry point; those without any are out.

    An entry point of `ecglens.sections` is a function from findings to sections. ECGs that may not
    leave this machine have `names` in what it is given.
    """
    shown = [shareable(each, names) for each in findings]
    every = {name: point.load()(shown) for name, point in registry.offered("sections").items()}
    return {name: sections for name, sections in every.items() if sections}
