"""Votes that were published as sums: how often each method was chosen."""

import csv
from collections import Counter
from pathlib import Path

import pandas as pd

from .ballot import VIEWS
from .votes import check_header, raise_faults, whole_row

COLUMNS = ("target", "view", "method", "votes")


def read_counts(path: Path, decisions: int = 0) -> pd.DataFrame:
    """A row per target, view and method with its `votes`.

    Each column, a target of a view, must sum to `decisions`; where that is 0, to what most columns
    sum to. Raises ValueError with a line for each fault, and names each column that does not.
    """
    faults, rows, lines = [], [], {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        check_header(path, reader.fieldnames or (), COLUMNS)
        for row in reader:
            try:
                cells = _checked(whole_row(row))
            except ValueError as problem:
                faults.append(f"line {reader.line_num}: {problem}")
                continue
            named = tuple(cells[name] for name in COLUMNS[:3])
            if (before := lines.setdefault(named, reader.line_num)) != reader.line_num:
                faults.append(f"line {reader.line_num}: expected {named} once, also line {before}")
            rows.append(cells)
    if not rows and not faults:
        faults.append("line 2: expected votes, got the end of the file")
    raise_faults(path, faults)
    table = pd.DataFrame(rows, columns=pd.Index(COLUMNS)).astype({"votes": int})
    raise_faults(path, _sums(table, decisions))
    return table


def _checked(cells: dict[str, str]) -> dict[str, str]:
    if cells["view"] not in VIEWS:
        raise ValueError(f"expected view to be one of {', '.join(VIEWS)}, got {cells['view']!r}")
    for name in ("target", "method"):
        if not cells[name]:
            raise ValueError(f"expected {name} to be named, got nothing")
    if not cells["votes"].isdecimal():
        raise ValueError(f"expected votes as a whole number of 0 or more, got {cells['votes']!r}")
    return cells


def _sums(table: pd.DataFrame, decisions: int) -> list[str]:
    sums = Counter()
    for target, view, votes in zip(table["target"], table["view"], table["votes"], strict=True):
        sums[target, view] += votes
    expected = decisions or Counter(sums.values()).most_common(1)[0][0]
    return [
        f"column {target}, {view}: expected {expected} votes in all, got {votes}"
        for (target, view), votes in sums.items()
        if votes != expected
    ]
