"""Samples in columns or rows: text, parquet and numpy files, with one ECG or many in each."""

import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Shaped

from ...extras import extra
from .files import LARGEST_BYTES, check_utf8, damage_named
from .label_table import LONGEST_LINE

ROWS = 1024  # of a table of columns that are looked at together
NUMBERS = "iuf"  # numpy's kinds of real numbers


def keys_in(file: Path, ecg: str | None) -> list[str]:
    """Keys of the ECGs in a file; [""] for a file that is one ECG.

    Keys are the numbers along the first axis of a .npy array with three axes, the names of the
    arrays of a .npz file, or the values of the column `ecg` of a table. Raises OSError for a
    missing file, ValueError for a damaged one.
    """
    with damage_named(file.name):
        if file.suffix == ".npy":
            array = np.load(file, mmap_mode="r")
            return [str(place) for place in range(len(array))] if array.ndim == 3 else [""]
        if file.suffix == ".npz":
            with zipfile.ZipFile(file) as content:
                names = [name.removesuffix(".npy") for name in content.namelist()]
            return names if len(names) > 1 else [""]
    return [""] if ecg is None else list(_ecgs(file, file.stat().st_mtime_ns, ecg))


def samples(file: Path, key: str, ecg: str | None, header: bool) -> pd.DataFrame:
    """Samples of one ECG as in the file; columns have the names of its first line, or numbers.

    Raises OSError for a missing file, ValueError for one that is damaged or too large.
    """
    if file.suffix in (".npy", ".npz"):
        return pd.DataFrame(array_of(file, key))
    if ecg is not None:
        return _ecgs(file, file.stat().st_mtime_ns, ecg)[key]
    return _parquet(file) if file.suffix == ".parquet" else _text(file, header)


def array_of(file: Path, key: str) -> Shaped[np.ndarray, "row column"]:
    """Array of one ECG in a .npy or .npz file; errors as in `samples`."""
    with damage_named(file.name):
        if file.suffix == ".npy":
            whole = np.load(file, mmap_mode="r")
            array = whole[int(key)] if key else whole
        else:
            with zipfile.ZipFile(file) as content:  # a zip of 1 MB may unpack to the whole memory
                size = sum(each.file_size for each in content.infolist())
            if size > LARGEST_BYTES:
                raise ValueError(
                    f"{size >> 20} MB unpacked, at most {LARGEST_BYTES >> 20} are read"
                )
            with np.load(file) as arrays:
                array = arrays[key or arrays.files[0]]
        if array.ndim != 2:
            raise ValueError(f"an array of shape {array.shape}, not (time, lead) or (lead, time)")
    return array


def _text(file: Path, header: bool, ecg: str | None = None) -> pd.DataFrame:
    check_utf8(file)
    with file.open(encoding="utf-8-sig", errors="replace") as content:
        first = content.readline(LONGEST_LINE)
    mark = max(",;\t", key=first.count)
    names = first.split(mark) if mark in first else first.split()
    names = [name.strip().strip("\"'") for name in names]
    with damage_named(file.name):
        # Read without its names: a row of another length is then refused or NaN, not shifted.
        found = pd.read_csv(
            file,
            sep=mark if mark in first else r"\s+",
            header=None,
            compression=None,  # a .gz of 1 MB may unpack to the whole memory
            skiprows=int(header),
            dtype={names.index(ecg): str} if ecg in names else None,
            low_memory=False,
        )
    if header and len(names) != found.shape[1]:
        twice = mark == "," and found.shape[1] == 2 * len(names)
        raise ValueError(
            f"expected in {file.name} as many columns as names in the first line, got "
            f"{found.shape[1]} and {len(names)}"
            + ("; write numbers with a decimal point, not a comma" if twice else "")
        )
    return found.set_axis(pd.Index(names), axis=1) if header else found


def _parquet(file: Path) -> pd.DataFrame:
    with extra("formats"):
        from pyarrow import Table, parquet
    batches, size = [], 0
    with damage_named(file.name), parquet.ParquetFile(file) as opened:
        # Piece by piece: one long word in a thousand rows has a thousandth of their size in the
        # file, and arrow holds a reserve of memory that no limit sees.
        for batch in opened.iter_batches(ROWS):
            size += batch.nbytes
            if size > LARGEST_BYTES:
                raise ValueError(f"more than {LARGEST_BYTES >> 20} MB unpacked")
            batches.append(batch)
        return Table.from_batches(batches, opened.schema_arrow).to_pandas()


# Neighbouring ECGs are read one after the other: one table is kept.
@lru_cache(maxsize=1)
def _ecgs(file: Path, written: int, ecg: str) -> dict[str, pd.DataFrame]:
    """ECGs of a table by their ids; `written` makes a changed file be read again."""
    table = _parquet(file) if file.suffix == ".parquet" else _text(file, True, ecg)
    if ecg not in table:
        known = ", ".join(map(str, table))
        raise ValueError(f"expected in {file.name} the column {ecg}, got {known}")
    if np.asarray(table[ecg].isna()).any():
        raise ValueError(f"expected an ECG in each row of {file.name}, got {ecg} empty in one")
    return {str(key): rows.drop(columns=ecg) for key, rows in table.groupby(ecg, sort=False)}
