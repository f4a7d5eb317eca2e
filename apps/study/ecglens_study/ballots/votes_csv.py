"""Ballots as a CSV file (votes.csv)."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from ecglens.store import inert, write_text

from .ballot import COLUMNS, Ballot
from .csv_rows import check_header, raise_faults, whole_row

NUMBERS = {field.name: field.type for field in fields(Ballot) if field.type in (int, float)}
MAY_BE_EMPTY = {"rating": 0, "position": 0, "seconds": math.nan}


def read_votes(path: Path) -> list[Ballot]:
    """Ballots of a votes CSV, which has the columns COLUMNS in any order.

    Raises ValueError with one line per fault: the line of the file, what was expected, what came.
    A file holds one study with one task, and each decision once.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        check_header(path, rows.fieldnames or (), COLUMNS)
        found: list[tuple[int, Ballot]] = []
        faults: list[str] = []
        for row in rows:
            try:
                found.append((rows.line_num, _ballot(row)))
            except ValueError as problem:
                faults.append(f"line {rows.line_num}: {problem}")
    if not found and not faults:
        faults.append("line 2: expected a ballot, got the end of the file")
    raise_faults(path, faults or _faults_between_rows(found))
    return [ballot for _, ballot in found]


def write_votes(ballots: Sequence[Ballot], path: Path, mode: int = 0o644) -> Path:
    """Path of the file, written atomically; `read_votes` reads it."""
    return write_text(path, votes_text(ballots), mode)


def votes_text(ballots: Sequence[Ballot]) -> str:
    """Content of a votes CSV, as `read_votes` reads it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for ballot in ballots:
        row = {name: inert(cell) for name, cell in asdict(ballot).items()}
        unknown = {"rating", "position"} & {name for name, value in row.items() if value == 0}
        writer.writerow(row | dict.fromkeys(unknown, "") | _seconds(ballot))
    return text.getvalue()


def _ballot(row: dict[Any, Any]) -> Ballot:
    cells: dict[str, Any] = {**whole_row(row)}
    for name, kind in NUMBERS.items():
        if not cells[name] and name in MAY_BE_EMPTY:
            cells[name] = MAY_BE_EMPTY[name]
            continue
        try:
            cells[name] = kind(cells[name])
        except ValueError:
            wanted = "a whole number" if kind is int else "a number"
            raise ValueError(f"expected {wanted} as {name}, got {cells[name]!r}") from None
    return Ballot(**cells)


def _faults_between_rows(found: Sequence[tuple[int, Ballot]]) -> list[str]:
    """Faults that no single row shows: a second study or task, and repeated decisions."""
    faults, lines = [], {}
    first = found[0][1]
    for line, ballot in found:
        for name in ("study", "task"):
            if (came := getattr(ballot, name)) != getattr(first, name):
                wanted = getattr(first, name)
                faults.append(f"line {line}: expected {name} {wanted!r} in all rows, got {came!r}")
        if (before := lines.setdefault(ballot.decision, line)) != line:
            faults.append(f"line {line}: expected each decision once, got that of line {before}")
    return faults


def _seconds(ballot: Ballot) -> dict[str, str]:
    return {"seconds": "" if math.isnan(ballot.seconds) else f"{ballot.seconds:.10g}"}
