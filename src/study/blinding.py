"""Whether experts knew which method drew a map: what they guessed at the end."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from .votes import check_header, inert, raise_faults, whole_row

COLUMNS = ("expert", "method", "guess")
UNKNOWN = "unknown"  # an expert who would not guess


def read_guesses(path: Path) -> pd.DataFrame:
    """A row per guess: expert, method, guess (a method or UNKNOWN); ValueError with a line each."""
    faults, rows = [], []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        check_header(path, reader.fieldnames or (), COLUMNS)
        for row in reader:
            try:
                cells = whole_row(row)
                if empty := [name for name in COLUMNS if not cells[name]]:
                    raise ValueError(f"expected {', '.join(empty)} to be named, got nothing")
                rows.append(cells)
            except ValueError as problem:
                faults.append(f"line {reader.line_num}: {problem}")
    raise_faults(path, faults)
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def guesses_text(guesses: pd.DataFrame) -> str:
    """What read_guesses reads."""
    return guesses.map(inert).to_csv(index=False)


def blinding_table(guesses: pd.DataFrame, methods: int) -> pd.DataFrame:
    """A row per method: guesses, how many were right and how many UNKNOWN, and the index.

    The index of Bang 2004 for each arm, (2r − 1) times the share that guessed, r the share right
    among them, is 0 for guesses by chance and 1 where everyone knows; for `methods` arms in place
    of two, (m·r − 1)/(m − 1) [ours]. NaN where nobody guessed. Raises ValueError for fewer than 2.
    """
    if methods < 2:
        raise ValueError(f"expected at least 2 methods to guess from, got {methods}")
    rows = []
    for method, own in guesses.groupby("method", sort=False):
        unknown = int((own["guess"] == UNKNOWN).sum())
        right, known = int((own["guess"] == method).sum()), len(own) - unknown
        index = (methods * right / known - 1) / (methods - 1) if known else np.nan
        rows.append(
            {
                "method": method,
                "guesses": len(own),
                "right": right,
                "unknown": unknown,
                "index": index * known / len(own),
            }
        )
    return pd.DataFrame(rows, columns=pd.Index(["method", "guesses", "right", "unknown", "index"]))
