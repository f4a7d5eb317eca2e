"""What tables that many ECGs share say of each: read once a process, hashed row by row."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from .file_reader import damage_named


class Described(NamedTuple):
    """An ECG's patient and labels as tables give them."""

    patient: str
    labels: dict[str, float]


def rows_hash(described: Callable[[str], Described], names: Iterable[str]) -> str:
    """The same for the same patients and labels of these ECGs, whatever else their tables hold."""
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
    """Columns of a CSV file by its column `index`, which is text; None without the file.

    In columns of numbers, what is no number is NaN; a column of numbers may be missing. Raises
    ValueError for a file that cannot be read or misses another, or with two rows of one index.
    """
    if not file.is_file():
        return None
    known = file.stat()
    columns = (index, *texts), tuple(numbers)
    return _read(file, *columns, known.st_mtime_ns, known.st_size)


# A process reads each table once, two or three for a database, not once for each of its blocks;
# time and size make it read again a file that has changed.
@lru_cache(maxsize=4)
def _read(
    file: Path, texts: tuple[str, ...], numbers: tuple[str, ...], time: int, size: int
) -> pd.DataFrame:
    with damage_named(file.name):
        found = pd.read_csv(
            file,
            usecols=lambda column: column in texts or column in numbers,
            dtype=dict.fromkeys(texts, str),
            na_values={name: ["", "nan", "NaN"] for name in numbers},
            keep_default_na=False,
            encoding="utf-8-sig",
            low_memory=False,
        )
    if missing := [name for name in texts if name not in found]:
        raise ValueError(f"expected a column {missing[0]} in {file.name}, got {', '.join(found)}")
    index = texts[0]
    for name in found.columns.intersection(list(numbers)):
        found[name] = pd.to_numeric(found[name], errors="coerce").astype(float)
    found = found.set_index(index)
    if not found.index.is_unique:
        twice = found.index[found.index.duplicated()][0]
        raise ValueError(f"expected one row for each {index} in {file.name}, got {twice!r} twice")
    return found
