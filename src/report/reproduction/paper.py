"""The table of AUCs as an article prints it: methods by targets, for the page and for LaTeX."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..style import style
from ..text.numerals import fixed

DECIMALS = 2  # as in Storås 2025, Table 4


@dataclass(frozen=True)
class Cell:
    """AUC with its class and interval, and the printed AUC; "" where there is none."""

    own: str
    printed: str


def paper_table(rows: pd.DataFrame) -> tuple[tuple[str, ...], Mapping[str, Sequence[Cell]]]:
    """Targets, and a cell for each of them per method, methods by their names.

    `rows` are those of one input (tables.auc_table).
    """
    targets = tuple(dict.fromkeys(rows["target"]))
    names = sorted({*rows["method"]}, key=lambda name: style(name).label)
    of = {(row["method"], row["target"]): row for row in rows.to_dict("records")}
    return targets, {
        style(name).label: [_cell(of.get((name, target))) for target in targets] for name in names
    }


def latex(rows: pd.DataFrame) -> str:
    """The table as LaTeX, two lines a method: our AUCs, then the printed ones."""
    targets, cells = paper_table(rows)
    lines = [
        f"\\begin{{tabular}}{{l{'r' * len(targets)}}}",
        " & ".join(["", *(name.upper() for name in targets)]) + r" \\ \hline",
    ]
    for label, row in cells.items():
        lines.append(" & ".join([_escaped(label), *(cell.own for cell in row)]) + r" \\")
        if any(cell.printed for cell in row):
            lines.append(" & ".join([r"\quad printed", *(cell.printed for cell in row)]) + r" \\")
    return "\n".join([*lines, r"\end{tabular}", ""]).replace("−", "$-$")


def _cell(row: Mapping[Hashable, Any] | None) -> Cell:
    if row is None:
        return Cell("", "")
    own, low, high = (fixed(row[name], DECIMALS) for name in ("auc", "low", "high"))
    rank = "" if pd.isna(row["class"]) else f" ({row['class']})"
    printed = "" if pd.isna(row["printed"]) else fixed(row["printed"], DECIMALS)
    return Cell(f"{own}{rank} [{low}, {high}]", printed)


def _escaped(label: str) -> str:
    for sign, command in {"×": r"$\times$", "ε": r"$\varepsilon$", "²": "$^2$", "|": "$|$"}.items():
        label = label.replace(sign, command)
    return label
