"""Reader of csv, parquet or NumPy files of your own, described by settings instead of Python."""

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from math import inf
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from ...ecg import LEADS, Record, in_order
from ...extras import extra
from ...store import walked
from ..formats.conventions import ordered
from ..formats.files import LARGEST_BYTES, check_utf8, damage_named, limited_memory, remembered
from ..formats.tables import (
    LONGEST_LINE,
    check_row,
    check_some_row,
    hash_of_rows,
    labels_of,
    read_labels,
    with_comma,
)
from ..preparation.blocks import MARKS, SEPARATOR, TEXT
from .file_reader import FileReader

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
        rows = _ecgs(file, file.stat().st_mtime_ns, ecg)[key]
        if rows.index[-1] - rows.index[0] >= len(rows):
            raise ValueError(
                f"expected the rows of {key!r} in {file.name} one after the other, got others "
                "between them; give each recording an id of its own"
            )
        return rows
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
    return array.astype(array.dtype.newbyteorder("="), copy=False)  # big-endian ones too


def _text(file: Path, header: bool, ecg: str | None = None) -> pd.DataFrame:
    check_utf8(file)
    with file.open(encoding="utf-8-sig", errors="replace") as content:
        first = content.readline(LONGEST_LINE)
    mark = max(",;\t", key=first.count)
    names = first.split(mark) if mark in first else first.split()
    names = [name.strip().strip("\"'") for name in names]
    counted = [[*map(str, range(first, first + len(names)))] for first in (0, 1)]
    if header and all(map(_is_number, names)) and names not in counted:
        raise ValueError(
            f"expected a line of names first in {file.name}, got numbers; data.header=false reads "
            "it as samples"
        )
    with damage_named(file.name):
        # Read without its names: a row of another length is then refused or NaN, not shifted.
        table = pd.read_csv(
            file,
            sep=mark if mark in first else r"\s+",
            header=None,
            compression=None,  # a .gz of 1 MB may unpack to the whole memory
            skiprows=int(header),
            dtype={names.index(ecg): str} if ecg in names else None,
            low_memory=False,
        )
    if header and len(names) != table.shape[1]:
        twice = mark == "," and table.shape[1] == 2 * len(names)
        raise ValueError(
            f"expected in {file.name} as many columns as names in the first line, got "
            f"{table.shape[1]} and {len(names)}"
            + ("; write numbers with a decimal point, not a comma" if twice else "")
        )
    return table.set_axis(pd.Index(names), axis=1) if header else table


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
    groups = table.reset_index(drop=True).groupby(ecg, sort=False)
    return {str(key): rows.drop(columns=ecg) for key, rows in groups}


MICROVOLTS = {"uV": 1.0, "µV": 1.0, "μV": 1.0, "mV": 1e3, "V": 1e6}  # micro sign, Greek mu
KNOWN = {lead.lower() for lead in LEADS}


@dataclass(frozen=True)
class Columns(FileReader):
    """ECGs in the files below `path` that match `pattern`, converted to µV from `unit`.

    A file is text with a line per sample (separated by commas, semicolons, tabs or spaces), or
    .parquet, .npy or .npz. A file with one ECG gives it its path below `path`, without the ending,
    as a name. A file with many is a .npy array with three axes, the first of which are ECGs, named
    by their number from 0; a .npz file, whose arrays are ECGs and name them (after the name of the
    file if there are several files); or a table whose column `ecg` says to which ECG a row belongs.

    `leads` are the names of the columns (or rows: `leads_in`) in order; if it is empty, the first
    line of the file names them, and where it does, both agree. Other columns are ignored. A text
    file with `header` begins with a line of names. `table` has a row per ECG, joined by its
    `id_column`: `columns` maps each label to a column, `patient_column` is the patient (None: each
    ECG is a patient). An ECG without a row, or without a patient in it, is excluded.
    Labels with our names (pr, qrs, qt, r, j, t, rate, age, sex …) are in µV, ms, 1/min and years.
    """

    fs_hz: int | float
    unit: Literal["uV", "µV", "μV", "mV", "V"]
    pattern: str = "*.csv"
    leads: Sequence[str] = ()
    leads_in: Literal["columns", "rows"] = "columns"
    header: bool = True
    ecg: str | None = None
    table: str | None = None
    id_column: str = "id"
    patient_column: str | None = None
    columns: Mapping[str, str] | None = None
    version: ClassVar[int] = 2

    def __post_init__(self) -> None:
        if not self.path.is_dir():
            raise ValueError(f"expected in data.path a folder, got {self.path}")
        parts = Path(self.pattern).parts
        if not parts or Path(self.pattern).is_absolute() or ".." in parts:
            raise ValueError(f"expected data.pattern below data.path, got {self.pattern!r}")
        if self.leads:
            check = in_order if self.missing_lead == "exclude" else ordered
            check(np.zeros((len(self.leads), 1)), self.leads)
        if not self.leads and (self.leads_in == "rows" or not self.header):
            raise ValueError("expected data.leads, since no line of the files names the columns")
        if self.ecg is not None and not (self.header and self.leads_in == "columns"):
            raise ValueError("expected data.ecg with data.header and data.leads_in=columns alone")
        if self.table is not None and not (self.path / self.table).is_file():
            raise ValueError(f"expected in data.table a file, got {self.path / self.table}")
        if self.table is None and (self.columns or self.patient_column):
            raise ValueError("expected data.table, which has data.columns and data.patient_column")
        for name in self.columns or ():
            if name in (*TEXT, *MARKS) or SEPARATOR in name:
                raise ValueError(f"expected in data.columns another name for a label than {name}")

    @cached_property
    def names(self) -> list[str]:
        """Ids of the ECGs, in the order of their files.

        Raises ValueError when no file matches, and when no ECG has a row in the table.
        """
        table = self._table  # a wrong table is refused now, not for every ECG
        if not self._ecgs:
            raise ValueError(f"expected files {self.pattern} below {self.path}, got none")
        found = [name for name, _, _ in self._ecgs]
        if self._labels is not None:
            check_some_row(table, found, self.id_column, self._labels.name)
        return found

    def file(self, name: str) -> Path:
        """File that this ECG is in."""
        return self._places[name][0]

    def files(self, name: str) -> list[Path]:
        """File of this ECG; none for a part of an array, of which only that part is read."""
        file, key = self._places[name]
        return [] if key and file.suffix == ".npy" else [file]

    def record(self, name: str) -> Record:
        """ECG in µV with the labels of its row."""
        file, key = self._places[name]
        if self._labels is not None:
            check_row(self._table, name, self._labels.name, self.patient_column is not None)
        found = samples(file, key, self.ecg, self.header)
        signal, leads = self._leads(found if self.leads_in == "columns" else found.T)
        patient = str(self._table.loc[name, "patient"]) if self.patient_column else ""
        uv, labels = ordered(signal * MICROVOLTS[self.unit], leads), labels_of(self._table, name)
        return Record(uv, fs=float(self.fs_hz), id=name, patient=patient, labels=labels)

    def origin(self, start: int, stop: int) -> dict[str, Any]:
        """Hashes of these ECGs and of their rows, with the settings."""
        names = self.names[start:stop]
        files = dict.fromkeys(self._places[name][0] for name in names)
        digest = remembered(repr(self), (start, stop), files, partial(self._digest, names))
        return {
            "files": digest.hex()[:16],
            "labels": hash_of_rows(self._table, names),
            "fs_hz": float(self.fs_hz),
            "unit": self.unit,
            "missing_lead": self.missing_lead,
            "leads": list(self.leads),
            "leads_in": self.leads_in,
            "header": self.header,
            "ecg": self.ecg,
        }

    def _digest(self, names: Sequence[str]) -> bytes:
        """Hash of the samples of these ECGs; a file with many ECGs is read once."""
        files = dict.fromkeys(file for name in names for file in self.files(name))
        hashed = {
            file: remembered(repr(self), file, [file], partial(self._hash, file)) for file in files
        }
        digest = hashlib.sha256()
        for name in names:
            file, key = self._places[name]
            digest.update(f"{name}\x1f{key}\x1f".encode(errors="surrogateescape"))
            digest.update(hashed[file] if file in hashed else array_of(file, key).tobytes())
        return digest.digest()

    def _leads(self, found: pd.DataFrame) -> tuple[Float[np.ndarray, "lead time"], list[str]]:
        """Columns that are leads, in the unit of the file, and their names."""
        names = [name.strip() for name in (self.leads or map(str, found.columns))]
        if len(names) != found.shape[1]:
            raise ValueError(
                f"expected {len(names)} {self.leads_in}, one for each of data.leads, "
                f"got {found.shape[1]}"
            )
        places = [place for place, name in enumerate(names) if name.lower() in KNOWN]
        leads = [names[place] for place in places]
        for lead, its in zip(leads, map(str, found.columns[places]), strict=True):
            if its.strip().lower() in KNOWN - {lead.lower()}:
                raise ValueError(
                    f"expected the leads in the order of data.leads, got {its.strip()} for {lead} "
                    "in the names of the file; leave data.leads out, or correct one of them"
                )
        if not leads:
            raise ValueError(
                f"expected names of leads, got {', '.join(names[:12])}; give "
                "data.leads=[I,II,…] in their order, and data.leads_in=rows for (lead, time)"
            )
        chosen = found.iloc[:, places]
        for place, kind in enumerate(chosen.dtypes):
            if kind.kind not in NUMBERS:
                column = chosen.iloc[:, place]
                words = [one for one in column if isinstance(one, str) and not _is_number(one)]
                got = f"{words[0]!r} in {leads[place]}" if words else str(kind)
                advice = with_comma(words[0]) if words else ""
                raise ValueError(f"expected numbers in each lead, got {got}{advice}")
        return chosen.to_numpy(np.float64).T, leads

    @cached_property
    def _ecgs(self) -> list[tuple[str, Path, str]]:
        """ECGs with file and key."""
        # rglob knows more patterns, and passes links to folders over.
        linked = (each for each in walked(self.path) if self._below(each).match(self.pattern))
        table = self._labels and self._labels.resolve()
        found = {*self.path.rglob(self.pattern), *linked}
        files = sorted(each for each in found if each.resolve() != table and not each.is_dir())
        ecgs: list[tuple[str, Path, str]] = []
        for file in files:
            place = self._below(file).with_suffix("").as_posix()
            try:
                # An array of many ECGs stays on the disk; one ECG at a time is read.
                self._check(file, inf if file.suffix == ".npy" else LARGEST_BYTES)
                with limited_memory(file.name):
                    keys = keys_in(file, self.ecg)
            except (OSError, ValueError):  # `read` reports it
                keys = [""]
            before = "" if len(files) == 1 or self.ecg is not None else f"{place}/"
            ecgs += [(before + key if key else place, file, key) for key in keys]
        return ecgs

    def _below(self, file: Path) -> Path:
        return file.relative_to(self.path)

    @cached_property
    def _places(self) -> dict[str, tuple[Path, str]]:
        """First file and key of each ECG."""
        return {name: (file, key) for name, file, key in reversed(self._ecgs)}

    @property
    def _labels(self) -> Path | None:
        return None if self.table is None else self.path / self.table

    @property
    def _table(self) -> pd.DataFrame:
        if self._labels is None:
            return pd.DataFrame()
        text = {"patient": self.patient_column} if self.patient_column else {}
        columns = dict(sorted((self.columns or {}).items()))  # a finding keeps no order of them
        return read_labels(self._labels, self.id_column, columns, text)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
