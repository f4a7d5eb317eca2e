"""Labels in a table of their own: a row for each ECG, joined by its id."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float64

from ..extras import extra
from .file_reader import damage_named

MISSING = ("", "na", "nan", "n/a", "null", "none")
# 1 is yes, as for every diagnosis.
YES_NO = {"true": "1", "false": "0"}
# Enough names to see what a table holds; the one of PTB-XL+ has hundreds.
SHOWN = 20
# The names of 10 000 columns; what has no end of line before is no table.
LONGEST_LINE = 2**18


def read_labels(
    path: Path, id: str, labels: Mapping[str, str], text: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """The labels of a csv or parquet table: float64 columns, indexed by the ids as text.

    `id` is the column of the ids; `labels` and `text` say from which column each label, or each
    column that stays text, is taken. An empty field, NA, N/A, NaN, null or None is a missing label
    (NaN); True and False are 1 and 0. A csv file is separated by commas, semicolons or tabs. A
    process reads a table once while it does not change. Raises OSError when there is no such file,
    ValueError on a damaged one, a column that it does not have, an empty id, an id that comes
    twice, and a label that is no finite number.
    """
    found = path.stat()
    written = (found.st_mtime_ns, found.st_size)
    return _labels(path, written, id, tuple(labels.items()), tuple((text or {}).items()))


def read_columns(path: Path) -> list[str]:
    """The names of the columns of a csv or parquet table; errors as in `read_labels`."""
    with extra("formats"):
        from pyarrow import csv, parquet
    with damage_named(path.name):
        if path.suffix == ".parquet":
            return parquet.read_schema(path).names
        with csv.open_csv(path, parse_options=csv.ParseOptions(**_fields(path))) as file:
            return file.schema.names


def labels_of(table: pd.DataFrame, id: str) -> dict[str, float]:
    """The labels of one ECG, NaN where its row has none; empty when it has no row."""
    if id not in table.index:
        return {}
    row = table.loc[id]
    return {str(name): value for name, value in row.items() if not isinstance(value, str)}


def hash_of_rows(table: pd.DataFrame, ids: Sequence[str]) -> str:
    """A hash of what the table says of these ECGs: part of the origin of their block."""
    return hashlib.sha256(table.reindex(ids).to_csv().encode()).hexdigest()[:16]


def separator(path: Path) -> str:
    """What stands most often in the first line of the file: a comma, a semicolon or a tab."""
    with path.open(encoding="utf-8", errors="replace") as file:
        first = file.readline(LONGEST_LINE)
    return max(",;\t", key=first.count)


# One for labels and one for anything else that belongs to them.
@lru_cache(maxsize=2)
def _labels(
    path: Path,
    written: tuple[int, int],  # a changed file is another one
    id: str,
    labels: tuple[tuple[str, str], ...],
    text: tuple[tuple[str, str], ...],
) -> pd.DataFrame:
    columns = list(dict.fromkeys([id, *(column for _, column in labels + text)]))
    known = read_columns(path)
    if unknown := [column for column in columns if column not in known]:
        shown = ", ".join(known[:SHOWN]) + (" …" if len(known) > SHOWN else "")
        raise ValueError(f"expected in {path.name} the column {', '.join(unknown)}, got {shown}")
    raw = _read(path, columns)
    ids = raw[id]
    if (ids == "").any():
        raise ValueError(f"expected an id in each row of {path.name}, got {id!r} empty in one")
    if (twice := np.flatnonzero(ids.duplicated())).size:
        raise ValueError(f"expected each id once in {path.name}, got {ids.iloc[twice[0]]!r} twice")
    table = {name: _numbers(raw[column], ids, path.name) for name, column in labels}
    table |= {name: raw[column].to_numpy() for name, column in text}
    return pd.DataFrame(table, index=pd.Index(ids, name="id"))


def _read(path: Path, columns: list[str]) -> dict[str, pd.Series]:
    """These columns as text, since an id of 007 is not 7; missing ones are empty."""
    with extra("formats"):
        from pyarrow import csv, parquet, string
    with damage_named(path.name):
        if path.suffix == ".parquet":
            found = parquet.read_table(path, columns=columns)
        else:
            types = dict.fromkeys(columns, string())
            wanted = csv.ConvertOptions(include_columns=columns, column_types=types)
            fields = csv.ParseOptions(**_fields(path))
            found = csv.read_csv(path, parse_options=fields, convert_options=wanted)
        text = [found[column].cast(string()).fill_null("").to_pylist() for column in columns]
    return {
        name: pd.Series(values, name=name, dtype=object).str.strip()
        for name, values in zip(columns, text, strict=True)
    }


def _fields(path: Path) -> dict[str, Any]:
    # A row with more or fewer fields than the first is refused by this parser, never shifted.
    return {"delimiter": separator(path), "newlines_in_values": True}


def _numbers(words: pd.Series, ids: pd.Series, file: str) -> Float64[np.ndarray, " row"]:
    lower = words.str.lower()
    missing = np.asarray(lower.isin(MISSING))
    numbers = pd.to_numeric(lower.replace(YES_NO).mask(missing, "nan"), errors="coerce")
    values = np.asarray(numbers, np.float64)
    if (wrong := np.flatnonzero(~missing & ~np.isfinite(values))).size:
        raise ValueError(
            f"expected numbers in column {words.name!r} of {file}, got {words.iloc[wrong[0]]!r} "
            f"for {ids.iloc[wrong[0]]!r}"
        )
    return values
