"""Files that a report writes: self-contained pages, tables as CSV and LaTeX, and their names."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from pandas.api.types import is_bool, is_float

from ..datamodules import Excluded
from ..store import atomic_path, csv_text, write_text
from .style import style
from .text.numerals import fixed, number, percent, probability, whole

LONGEST_KEY = 120  # characters; a file's name may have 255


def unique_key(words: str, taken: Collection[str]) -> str:
    """The words in small letters, digits and hyphens, with a number where that is taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:LONGEST_KEY] or "network"
    key, count = plain, 1
    while key in taken:
        count += 1
        key = f"{plain}-{count}"
    return key


def write_table(table: pd.DataFrame, path: Path) -> Path:
    """Write a table as CSV with every digit its numbers have, without a formula."""
    return write_text(path, csv_text(table))


def excluded_table(excluded: Sequence[Excluded]) -> pd.DataFrame:
    """One row per ECG that was not used."""
    return pd.DataFrame(excluded, columns=pd.Index(["record", "reason"]))


def curves_table(curves: Mapping[str, Float[np.ndarray, " point"]]) -> pd.DataFrame:
    """One row per perturbed point, one column per method: the mean outcome."""
    table = pd.DataFrame(dict(curves))
    table.insert(0, "perturbed_points", np.arange(len(table)))
    return table


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
    signs = str.maketrans(SIGNS)
    lines = [" & ".join(cell.translate(signs) for cell in row) + r" \\" for row in (heads, *rows)]
    form = "l" + "r" * (len(heads) - 1)
    top = [f"\\begin{{tabular}}{{{form}}}", r"\toprule", lines[0], r"\midrule"]
    return "\n".join([*top, *lines[1:], r"\bottomrule", r"\end{tabular}", ""])


def _text(cell: object) -> str:
    if is_bool(cell):
        return "yes" if cell else "no"
    if is_float(cell) or cell is pd.NA or cell is None:
        return number(cell)
    return str(cell)


@cache  # a template is compiled once
def environment(*rooms: str) -> Environment:
    """Reads the templates of these rooms, such as "ecglens.study", and last of this one.

    All text is escaped, an unknown name is an error. Callers share it and change nothing.
    """
    found = Environment(
        loader=ChoiceLoader(
            [PackageLoader(room, "templates") for room in (*rooms, "ecglens.report")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {each.__name__: each for each in (fixed, number, whole, percent, probability)}
    found.filters["label"] = lambda name: style(name).label
    # Heads of table.html over columns of numbers.
    found.filters["of_numbers"] = lambda heads, before="": [f"#{before}{head}" for head in heads]
    found.globals["own_file"] = own_file
    return found


def own_file(name: str) -> Markup:
    """A file of the templates folder as it is."""
    return Markup((files("ecglens.report") / "templates" / name).read_text(encoding="utf-8"))


def write_file(path: Path, content: bytes) -> Path:
    """Write bytes atomically; the path."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)
    return path
