"""A part of a reproduction: tables and figures, each on the page and in files of its own."""

from dataclasses import dataclass, field

import pandas as pd
from matplotlib.figure import Figure
from pandas.api.types import is_bool, is_float

from ..text.numerals import number

INDENT = "\u2003"  # of a row that belongs to the one above
LATEX = {
    "\\": r"\textbackslash{}", "×": r"$\times$", "ε": r"$\varepsilon$", "²": "$^2$", "ρ": r"$\rho$",
    "κ": r"$\kappa$", "τ": r"$\tau$", "|": "$|$", "−": "$-$", "–": "--", "%": r"\%", "&": r"\&",
    "_": r"\_", "#": r"\#", INDENT: r"\quad ", "µ": r"\textmu{}",
}  # fmt: skip


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
        return [[_text(cell) for cell in row] for row in self._frame.itertuples(index=False)]

    @property
    def latex(self) -> str:
        """The table without its caption, for an article."""
        lines = [" & ".join(map(_escaped, row)) + r" \\" for row in [self.heads, *self.rows]]
        form = "l" + "r" * (len(self.heads) - 1)
        top = [f"\\begin{{tabular}}{{{form}}}", lines[0] + r" \hline"]
        return "\n".join([*top, *lines[1:], r"\end{tabular}", ""])

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


def _text(cell: object) -> str:
    if is_bool(cell):
        return "yes" if cell else "no"
    if is_float(cell) or cell is pd.NA or cell is None:
        return number(cell)
    return str(cell)


def _escaped(text: str) -> str:
    return "".join(LATEX.get(letter, letter) for letter in text)
