"""CSV files of a study: votes, published sums of votes, and guesses; each fault is one line."""

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pandas as pd
from ecglens.store import as_was, csv_text, inert, write_text

from .ballots import BALLOT_COLUMNS, VIEWS, Ballot

SHOWN = 20  # faults that are printed; a column in a wrong unit would fail on every line
NUMBERS = {field.name: field.type for field in fields(Ballot) if field.type in (int, float)}
MAY_BE_EMPTY = {"rating": 0, "position": 0, "seconds": math.nan}
COUNT_COLUMNS = ("target", "view", "method", "votes")
GUESS_COLUMNS = ("expert", "method", "guess")
MOST_DIGITS = 9  # of a sum: what all people on earth could not cast
UNKNOWN = "unknown"  # the expert did not guess


@contextmanager
def table_of(path: Path) -> Iterator["csv.DictReader[str]"]:
    """Rows of a CSV file; ValueError where the block meets one that the csv module cannot read."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        try:
            yield rows
        except csv.Error as problem:
            line = rows.line_num + 1
            raise ValueError(
                f"{path.name} line {line}: expected cells of text, got: {problem}"
            ) from problem


def check_header(path: Path, got: Sequence[str], expected: Sequence[str]) -> None:
    """Raise ValueError if the columns differ from the expected ones; their order is free."""
    missing = [name for name in expected if name not in got]
    unknown = [name for name in got if name not in expected]
    if missing or unknown or len(got) != len(expected):
        raise ValueError(
            f"{path.name} line 1: expected the columns {','.join(expected)}; "
            f"missing {', '.join(missing) or 'none'}, unknown {', '.join(unknown) or 'none'}"
        )


def raise_faults(path: Path, faults: Sequence[str]) -> None:
    """Raise ValueError with one line per fault, if there are any."""
    if faults:
        more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
        raise ValueError("\n".join(f"{path.name} {each}" for each in [*faults[:SHOWN], *more]))


def whole_row(row: dict[Any, Any]) -> dict[str, str]:
    """Cells without surrounding spaces; ValueError if their number differs from the columns'."""
    if None in row or None in row.values():
        raise ValueError("expected one cell per column, got more or fewer")
    return {name: as_was(cell).strip() for name, cell in row.items()}


def read_votes(path: Path) -> list[Ballot]:
    """Ballots of a votes CSV, which has the columns BALLOT_COLUMNS in any order.

    Raises ValueError with one line per fault: the line of the file, what was expected, what came.
    A file holds one study with one task, and each decision once.
    """
    with table_of(path) as rows:
        check_header(path, rows.fieldnames or (), BALLOT_COLUMNS)
        ballots: list[tuple[int, Ballot]] = []
        faults: list[str] = []
        for row in rows:
            try:
                ballots.append((rows.line_num, _ballot(row)))
            except ValueError as problem:
                faults.append(f"line {rows.line_num}: {problem}")
    if not ballots and not faults:
        faults.append("line 2: expected a ballot, got the end of the file")
    raise_faults(path, faults or _faults_between_rows(ballots))
    return [ballot for _, ballot in ballots]


def write_votes(ballots: Sequence[Ballot], path: Path, mode: int = 0o644) -> Path:
    """Path of the file, written atomically; `read_votes` reads it."""
    return write_text(path, votes_text(ballots), mode)


def votes_text(ballots: Sequence[Ballot]) -> str:
    """Content of a votes CSV, as `read_votes` reads it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, BALLOT_COLUMNS, lineterminator="\n")
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


def read_counts(path: Path, decisions: int = 0) -> pd.DataFrame:
    """One row per target, view and method with its `votes`.

    The votes of each target and view must sum to `decisions`; if that is 0, to the most frequent
    sum. Raises ValueError with one line per fault, including each sum that differs.
    """
    faults, rows, lines = [], [], {}
    with table_of(path) as reader:
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
    raise_faults(path, wrong_sums(table, decisions))
    return table


def _checked(cells: dict[str, str]) -> dict[str, str]:
    if cells["view"] not in VIEWS:
        raise ValueError(f"expected view to be one of {', '.join(VIEWS)}, got {cells['view']!r}")
    for name in ("target", "method"):
        if not cells[name]:
            raise ValueError(f"expected a value for {name}, got nothing")
    if not cells["votes"].isdecimal() or len(cells["votes"]) > MOST_DIGITS:
        raise ValueError(
            f"expected votes as a whole number of up to {MOST_DIGITS} digits, got "
            f"{cells['votes'][:80]!r}"
        )
    return cells


def wrong_sums(table: pd.DataFrame, decisions: int) -> list[str]:
    """A line per target and view whose votes do not sum to `decisions` (0: the usual sum)."""
    sums: dict[Any, int] = table.groupby(["target", "view"], sort=False)["votes"].sum().to_dict()
    expected = decisions or Counter(sums.values()).most_common(1)[0][0]
    return [
        f"{target}, {view}: expected {expected} votes in total, got {votes}"
        for (target, view), votes in sums.items()
        if votes != expected
    ]


def read_guesses(path: Path) -> pd.DataFrame:
    """One row per guess: expert, method, guess (a method or UNKNOWN).

    Raises ValueError with one line per fault.
    """
    faults, rows = [], []
    with table_of(path) as reader:
        check_header(path, reader.fieldnames or (), GUESS_COLUMNS)
        for row in reader:
            try:
                cells = whole_row(row)
                if empty := [name for name in GUESS_COLUMNS if not cells[name]]:
                    raise ValueError(f"expected a value for {', '.join(empty)}, got nothing")
                rows.append(cells)
            except ValueError as problem:
                faults.append(f"line {reader.line_num}: {problem}")
    raise_faults(path, faults)
    return pd.DataFrame(rows, columns=pd.Index(GUESS_COLUMNS))


def guesses_text(guesses: pd.DataFrame) -> str:
    """Content of a guesses CSV, as `read_guesses` reads it."""
    return csv_text(guesses)
