"""Published sums as a CSV file: how often experts chose each method."""

import csv
from collections import Counter
from pathlib import Path

import pandas as pd

from .ballot import VIEWS
from .csv_rows import check_header, raise_faults, whole_row

COUNT_COLUMNS = ("target", "view", "method", "votes")


def read_counts(path: Path, decisions: int = 0) -> pd.DataFrame:
    """One row per target, view and method with its `votes`.

    The votes of each target and view must sum to `decisions`; if that is 0, to the most frequent
    sum. Raises ValueError with one line per fault, including each sum that differs.
    """
    faults, rows, lines = [], [], {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        check_header(path, reader.fieldnames or (), COUNT_COLUMNS)
        for row in reader:
            try:
                cells = _checked(whole_row(row))
            except ValueError as problem:
                faults.append(f"line {reader.line_num}: {problem}")
                continue
            named = tuple(cells[name] for name in COUNT_COLUMNS[:3])
            if (before := lines.setdefault(named, reader.line_num)) != reader.line_num:
                faults.append(f"line {reader.line_num}: expected {named} once, also line {before}")
            rows.append(cells)
    if not rows and not faults:
        faults.append("line 2: expected votes, got the end of the file")
    raise_faults(path, faults)
    table = pd.DataFrame(rows, columns=pd.Index(COUNT_COLUMNS)).astype({"votes": int})
    raise_faults(path, _wrong_sums(table, decisions))
    return table


def _checked(cells: dict[str, str]) -> dict[str, str]:
    if cells["view"] not in VIEWS:
        raise ValueError(f"expected view to be one of {', '.join(VIEWS)}, got {cells['view']!r}")
    for name in ("target", "method"):
        if not cells[name]:
            raise ValueError(f"expected a value for {name}, got nothing")
    if not cells["votes"].isdecimal():
        raise ValueError(f"expected votes as a whole number of 0 or more, got {cells['votes']!r}")
    return cells


def _wrong_sums(table: pd.DataFrame, decisions: int) -> list[str]:
    sums = Counter()
    for target, view, votes in zip(table["target"], table["view"], table["votes"], strict=True):
        sums[target, view] += votes
    expected = decisions or Counter(sums.values()).most_common(1)[0][0]
    return [
        f"{target}, {view}: expected {expected} votes in total, got {votes}"
        for (target, view), votes in sums.items()
        if votes != expected
    ]
