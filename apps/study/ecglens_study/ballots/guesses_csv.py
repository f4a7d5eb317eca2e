"""Experts' guesses which method drew a map, as a CSV file (guesses.csv)."""

import csv
from pathlib import Path

import pandas as pd
from ecglens.store import csv_text

from .csv_rows import check_header, raise_faults, whole_row

GUESS_COLUMNS = ("expert", "method", "guess")
UNKNOWN = "unknown"  # the expert did not guess


def read_guesses(path: Path) -> pd.DataFrame:
    """One row per guess: expert, method, guess (a method or UNKNOWN).

    Raises ValueError with one line per fault.
    """
    faults, rows = [], []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
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
