"""Patients and labels of a published data set's ECGs, from its CSV tables."""

import csv
import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from ecglens.datamodules import limited_memory

from .embedded import number


class Described(NamedTuple):
    """Patient and labels of an ECG, from tables."""

    patient: str
    labels: dict[str, float]


def rows_hash(described: Callable[[str], Described], names: Iterable[str]) -> str:
    """Hash of the patients and labels of these ECGs, independent of other rows of the tables."""
    digest = hashlib.sha256()
    for name in names:
        try:
            row = described(name)
            text = f"{row.patient}\x1f{sorted(row.labels.items())}"
        except ValueError as problem:  # reading the ECG names it
            text = str(problem)
        digest.update(f"{text}\x1f".encode())
    return digest.hexdigest()[:16]


def shared_table(
    file: Path, index: str, texts: Sequence[str] = (), numbers: Sequence[str] = ()
) -> pd.DataFrame | None:
    """Columns of a CSV file, indexed by its text column `index`; None without the file.

    In a column of `numbers` a text that is no number is NaN, and the column may be missing. Raises
    ValueError for another missing column, a row of another length, an index that occurs twice, and
    a table that needs more memory than any of ECGs.
    """
    if not file.is_file():
        return None
    known = file.stat()
    columns = (index, *texts), tuple(numbers)
    with limited_memory(file.name):
        return _shared(file, *columns, known.st_mtime_ns, known.st_size)


# A process reads each table (two or three per database) once, not once per block; time and size are
# arguments so that a changed file is read again.
@lru_cache(maxsize=4)
def _shared(
    file: Path, texts: tuple[str, ...], numbers: tuple[str, ...], time: int, size: int
) -> pd.DataFrame:
    with file.open(newline="", encoding="utf-8-sig", errors="replace") as content:
        rows = csv.reader(content)
        names = next(rows, [])
        if missing := [name for name in texts if name not in names]:
            known = ", ".join(names)
            raise ValueError(f"expected a column {missing[0]} in {file.name}, got {known}")
        words = {name: [] for name in texts}
        values = {name: array("d") for name in numbers if name in names}
        place = {name: names.index(name) for name in (*words, *values)}
        for row in _whole(rows, len(names), file.name):
            for name, column in words.items():
                column.append(row[place[name]])
            for name, column in values.items():
                column.append(number(row[place[name]]))
    columns = words | {name: np.asarray(column) for name, column in values.items()}
    found = pd.DataFrame(columns).set_index(texts[0])
    if not found.index.is_unique:
        twice = found.index[found.index.duplicated()][0]
        raise ValueError(f"expected one row per {texts[0]} in {file.name}, got {twice!r} twice")
    return found


def _whole(rows: Any, length: int, name: str) -> Iterator[list[str]]:
    """Rows of a csv.reader; ValueError at the first damaged one.

    pandas would accept a row with an extra field, and shift the fields after it.
    """
    try:
        for row in rows:
            if len(row) != length:
                raise ValueError(
                    f"expected {length} fields in line {rows.line_num} of {name}, got {len(row)}"
                )
            yield row
    except csv.Error as problem:
        raise ValueError(
            f"expected a readable line {rows.line_num} in {name}, got {problem}"
        ) from problem
