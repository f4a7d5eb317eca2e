"""Tables with a row per ECG, joined by id."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float64

from ...extras import extra
from .files import check_utf8, damage_named, limited_memory

MISSING = ("", "na", "nan", "n/a", "null", "none")
# As for every diagnosis, 1 means yes.
YES_NO = {"true": "1", "false": "0"}
# Column names shown in a message; the table of PTB-XL+ has hundreds.
SHOWN = 20
# A first line longer than the names of 10 000 columns is not that of a table.
LONGEST_LINE = 2**18


def read_labels(
    path: Path, id: str, labels: Mapping[str, str], text: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Labels of a csv or parquet table: float64 columns, indexed by the ids as text.

    `id` is the column of the ids. `labels` maps each label to its column, `text` each text field to
    its column. An empty field, NA, N/A, NaN, null or None is a missing label (NaN); True and False
    are 1 and 0. The fields of a csv file are separated by commas, semicolons or tabs. A process
    reads a table once as long as it does not change. Raises OSError for a missing file, and
    ValueError for a damaged file, one that needs more memory than any table of ECGs, a column or an
    id that is missing or occurs twice, and a label that is not a finite number.
    """
    found = path.stat()
    written = (found.st_mtime_ns, found.st_size)
    with limited_memory(path.name):
        return _labels(path, written, id, tuple(labels.items()), tuple((text or {}).items()))


def read_columns(path: Path) -> tuple[str, ...]:
    """Names of the columns of a csv or parquet table, read once; errors as in `read_labels`."""
    found = path.stat()
    return _columns(path, (found.st_mtime_ns, found.st_size))


@lru_cache(maxsize=2)
def _columns(path: Path, written: tuple[int, int]) -> tuple[str, ...]:
    with extra("formats"):
        from pyarrow import csv, parquet
    if path.suffix != ".parquet":
        check_utf8(path)
    with damage_named(path.name):
        if path.suffix == ".parquet":
            return tuple(parquet.read_schema(path).names)
        with csv.open_csv(path, parse_options=csv.ParseOptions(**_fields(path))) as file:
            return tuple(file.schema.names)


def labels_of(table: pd.DataFrame, id: str) -> dict[str, float]:
    """Labels of one ECG, NaN where its row has none; empty without a row."""
    if id not in table.index:
        return {}
    row = table.loc[id]
    return {str(name): value for name, value in row.items() if not isinstance(value, str)}


def check_row(table: pd.DataFrame, id: str, where: str, patients: bool) -> None:
    """Raise ValueError for an ECG without a row, or without a patient where there are `patients`.

    Without its row an ECG loses its patient, and the split could have a patient in two parts.
    """
    if id not in table.index:
        raise ValueError(f"no row in {where}")
    if patients and not table.loc[id, "patient"]:
        raise ValueError(f"no patient in {where}")


def check_some_row(table: pd.DataFrame, ids: Sequence[str], id: str, where: str) -> None:
    """Raise ValueError unless some of these ECGs have a row; `id` is the column of the ids.

    The ECGs of an array are counted from 0. Of rows that count from 1 each would be of another.
    """
    last = str(len(ids))
    counted = {*ids} == {str(place) for place in range(len(ids))}
    if counted and last in table.index and "0" not in table.index:
        raise ValueError(
            f"expected in column {id} of {where} the ids of ECGs, counted from 0 to "
            f"{len(ids) - 1}, got 1 to {last}; count from 0"
        )
    if len(ids) and table.index.isin(ids).sum() == 0:
        given = ", ".join(map(repr, table.index[:3])) or "no row"
        stems = {re.sub(r"\.[^./]+$", "", name) for name in table.index}
        advice = "; write the names without the ending" if stems & {*ids} else ""
        if advice and all(re.fullmatch(r"\d+\.0", name) for name in table.index):
            advice = "; write ids without a decimal point: an empty cell made them numbers"
        raise ValueError(
            f"expected in column {id} of {where} the ids of ECGs, such as {ids[0]!r}, "
            f"got {given}{advice}"
        )


def hash_of_rows(table: pd.DataFrame, ids: Sequence[str]) -> str:
    """Hash of the rows of these ECGs: part of the origin of their block."""
    rows = table.reindex(ids).to_csv()
    if len(table) and not pd.Index(ids).isin(table.index).all():
        rows += "ECGs without a row are excluded"  # blocks from before have them
    return hashlib.sha256(rows.encode()).hexdigest()[:16]


def with_comma(word: object) -> str:
    """Advice where a word is a number with a decimal comma, else nothing."""
    comma = isinstance(word, str) and re.fullmatch(r"\s*[+-]?\d*,\d+(e[+-]?\d+)?\s*", word.lower())
    return "; write numbers with a decimal point, not a comma" if comma else ""


def separator(path: Path) -> str:
    """Most frequent of comma, semicolon and tab in the first line of the file."""
    with path.open(encoding="utf-8", errors="replace") as file:
        first = file.readline(LONGEST_LINE)
    return max(",;\t", key=first.count)


# Two tables: one of labels, one of other facts.
@lru_cache(maxsize=2)
def _labels(
    path: Path,
    written: tuple[int, int],  # makes a changed file be read again
    id: str,
    labels: tuple[tuple[str, str], ...],
    text: tuple[tuple[str, str], ...],
) -> pd.DataFrame:
    columns = list(dict.fromkeys([id, *(column for _, column in labels + text)]))
    known = _columns(path, written)
    if wrong := [column for column in columns if known.count(column) != 1]:
        shown = ", ".join(known[:SHOWN]) + (" …" if len(known) > SHOWN else "")
        raise ValueError(f"expected in {path.name} the column {', '.join(wrong)} once, got {shown}")
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
    """Columns as text, because the id 007 is not 7; missing fields are empty."""
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
    # This parser refuses a row with more or fewer fields than the first; it never shifts fields.
    return {"delimiter": separator(path), "newlines_in_values": True}


def _numbers(words: pd.Series, ids: pd.Series, file: str) -> Float64[np.ndarray, " row"]:
    lower = words.str.lower()
    missing = np.asarray(lower.isin(MISSING))
    numbers = pd.to_numeric(lower.replace(YES_NO).mask(missing, "nan"), errors="coerce")
    values = np.asarray(numbers, np.float64)
    if (wrong := np.flatnonzero(~missing & ~np.isfinite(values))).size:
        word = words.iloc[wrong[0]]
        raise ValueError(
            f"expected numbers in column {words.name!r} of {file}, got {word!r} "
            f"for {ids.iloc[wrong[0]]!r}{with_comma(word)}"
        )
    return values
