"""Tables as LaTeX, for an article."""

from collections.abc import Sequence

import pandas as pd
from pandas.api.types import is_bool, is_float

from .text.numerals import number

SIGNS = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "{": r"\{", "}": r"\}", "$": r"\$", "%": r"\%", "&": r"\&", "_": r"\_", "#": r"\#",
    "<": "$<$", ">": "$>$", "|": "$|$", "≤": r"$\leq$", "≥": r"$\geq$", "±": r"$\pm$",
    "×": r"$\times$", "·": r"$\cdot$", "−": "$-$", "–": "--", "…": r"\ldots{}",
    "²": "$^2$", "½": r"$\frac12$", "ε": r"$\varepsilon$", "ρ": r"$\rho$", "κ": r"$\kappa$",
    "τ": r"$\tau$", "χ": r"$\chi$", "σ": r"$\sigma$", "Σ": r"$\Sigma$", "µ": r"\textmu{}",
    "°": r"\textdegree{}", "“": "``", "”": "''", "’": "'", "\u2003": r"\quad ",
}  # fmt: skip


def cells(frame: pd.DataFrame) -> list[list[str]]:
    """Every cell of a table as text, numbers with three significant digits."""
    return [[_text(cell) for cell in row] for row in frame.itertuples(index=False)]


def tabular(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A tabular in the lines of booktabs, without a caption; the first column stands left."""
    lines = [" & ".join(map(_escaped, row)) + r" \\" for row in (heads, *rows)]
    form = "l" + "r" * (len(heads) - 1)
    top = [f"\\begin{{tabular}}{{{form}}}", r"\toprule", lines[0], r"\midrule"]
    return "\n".join([*top, *lines[1:], r"\bottomrule", r"\end{tabular}", ""])


def _text(cell: object) -> str:
    if is_bool(cell):
        return "yes" if cell else "no"
    if is_float(cell) or cell is pd.NA or cell is None:
        return number(cell)
    return str(cell)


def _escaped(text: str) -> str:
    return "".join(SIGNS.get(letter, letter) for letter in text)
