"""Ballots as a CSV file, and its faults one line each."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pandas as pd

from ..store import write_text
from .ballot import COLUMNS, Ballot

SHOWN = 20  # faults that are printed; a column in another unit would be wrong on every line
NUMBERS = {field.name: field.type for field in fields(Ballot) if field.type in (int, float)}
MAY_BE_EMPTY = {"rating": 0, "position": 0, "seconds": math.nan}


def read_votes(path: Path) -> list[Ballot]:
    """The ballots of a votes CSV, whose columns are COLUMNS in any order.

    Raises ValueError with a line for each fault: the line of the file, what was expected, what
    came. A file holds one study by one protocol, and a decision once.
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
    raise_faults(path, faults or _faults_together(found))
    return [ballot for _, ballot in found]


def write_votes(ballots: Sequence[Ballot], path: Path, mode: int = 0o644) -> Path:
    """Write what read_votes reads, atomically; the path."""
    return write_text(path, votes_text(ballots), mode)


def votes_text(ballots: Sequence[Ballot]) -> str:
    """What read_votes reads."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for ballot in ballots:
        row = {name: inert(cell) for name, cell in asdict(ballot).items()}
        unknown = {"rating", "position"} & {name for name, value in row.items() if value == 0}
        writer.writerow(row | dict.fromkeys(unknown, "") | _seconds(ballot))
    return text.getvalue()


def inert(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula with a space before it, all else as it is.

    Readers of these files take spaces around a cell away.
    """
    runs = isinstance(cell, str) and cell.startswith(("=", "+", "-", "@"))
    return f" {cell}" if runs else cell


def frame_of(ballots: Sequence[Ballot]) -> pd.DataFrame:
    """A row per ballot: COLUMNS with `item` and `answer`."""
    return pd.DataFrame(
        [asdict(ballot) | {"item": ballot.item, "answer": ballot.answer} for ballot in ballots],
        columns=pd.Index((*COLUMNS, "item", "answer")),
    )


def check_header(path: Path, got: Sequence[str], expected: Sequence[str]) -> None:
    """Raises ValueError for other columns than these."""
    missing = [name for name in expected if name not in got]
    unknown = [name for name in got if name not in expected]
    if missing or unknown or len(got) != len(expected):
        raise ValueError(
            f"{path.name} line 1: expected the columns {','.join(expected)}; "
            f"missing {', '.join(missing) or 'none'}, unknown {', '.join(unknown) or 'none'}"
        )


def raise_faults(path: Path, faults: Sequence[str]) -> None:
    """ValueError with a line for each, where there are any."""
    if faults:
        more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
        raise ValueError("\n".join(f"{path.name} {each}" for each in [*faults[:SHOWN], *more]))


def whole_row(row: dict[Any, Any]) -> dict[str, str]:
    """The cells without spaces around them; ValueError for fewer or more than the columns."""
    if None in row or None in row.values():
        raise ValueError("expected a cell for each column, got another number of them")
    return {name: cell.strip() for name, cell in row.items()}


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


def _faults_together(found: Sequence[tuple[int, Ballot]]) -> list[str]:
    """What no line shows alone: another study or protocol, and a decision made twice."""
    faults, lines = [], {}
    first = found[0][1]
    for line, ballot in found:
        for name in ("study", "protocol"):
            if (came := getattr(ballot, name)) != getattr(first, name):
                wanted = getattr(first, name)
                faults.append(f"line {line}: expected {name} {wanted!r} throughout, got {came!r}")
        if (before := lines.setdefault(ballot.decision, line)) != line:
            faults.append(f"line {line}: expected a decision once, got that of line {before} again")
    return faults


def _seconds(ballot: Ballot) -> dict[str, str]:
    return {"seconds": "" if math.isnan(ballot.seconds) else f"{ballot.seconds:.10g}"}
