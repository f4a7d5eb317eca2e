"""A part of a reproduction: tables and figures, each on the page and in files of its own."""

from dataclasses import dataclass, field

import pandas as pd
from matplotlib.figure import Figure

from ..latex import cells, latex


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers with every digit in NAME.csv; as `shown`, rounded, on the page and in NAME.tex."""

    name: str
    caption: str
    numbers: pd.DataFrame
    shown: pd.DataFrame | None = None  # left out: the numbers

    @property
    def heads(self) -> list[str]:
        """Names of the columns."""
        return [str(column) for column in self._frame.columns]

    @property
    def rows(self) -> list[list[str]]:
        """Every cell as text."""
        return cells(self._frame)

    @property
    def latex(self) -> str:
        """The table without its caption, for an article."""
        return latex(self.heads, self.rows)

    @property
    def _frame(self) -> pd.DataFrame:
        return self.numbers if self.shown is None else self.shown


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure in NAME.pdf and NAME.png; one on ECG paper is a picture on the page too."""

    name: str
    caption: str
    figure: Figure
    on_paper: bool = False


@dataclass(frozen=True, eq=False)
class Part:
    """A section of the page."""

    title: str
    tables: tuple[Table, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    words: tuple[str, ...] = field(default=())
