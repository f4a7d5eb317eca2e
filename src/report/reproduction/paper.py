"""The table of AUCs as an article prints it: methods by targets."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from ..latex import INDENT
from ..style import style
from ..text.numerals import fixed

DECIMALS = 2  # as in Storås 2025, Table 4


def paper_table(rows: pd.DataFrame, left_out: Sequence[str] = ()) -> pd.DataFrame:
    """AUC (class) [interval] for each method and target, and below it the printed AUCs.

    The last row has the numbers of ECGs and networks.

    `rows` are those of one input (tables.auc_table); methods by their names.
    """
    targets = list(dict.fromkeys(rows["target"]))
    names = sorted({*rows["method"]} - {*left_out}, key=lambda name: style(name).label)
    of = {(row["method"], row["target"]): row for row in rows.to_dict("records")}
    lines: list[list[str]] = []
    for name in names:
        each = [of.get((name, target)) for target in targets]
        lines.append([style(name).label, *(_own(row) for row in each)])
        printed = [_printed(row) for row in each]
        if any(printed):
            lines.append([f"{INDENT}printed", *printed])
    numbers = rows.groupby("target")[["ecgs", "networks"]].first()
    sizes = [f"{numbers['ecgs'][target]} × {numbers['networks'][target]}" for target in targets]
    lines.append(["ECGs × networks", *sizes])
    return pd.DataFrame(lines, columns=pd.Index(["Method", *(name.upper() for name in targets)]))


def _own(row: Mapping[Hashable, Any] | None) -> str:
    if row is None:
        return ""
    own, low, high = (fixed(row[name], DECIMALS) for name in ("auc", "low", "high"))
    rank = "" if pd.isna(row["class"]) else f" ({row['class']})"
    return f"{own}{rank} [{low}, {high}]"


def _printed(row: Mapping[Hashable, Any] | None) -> str:
    return "" if row is None or pd.isna(row["printed"]) else fixed(row["printed"], DECIMALS)
