"""Reader of csv, parquet or NumPy files of your own, described by settings instead of Python."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from math import inf
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from jaxtyping import Float

from ...ecg import LEADS, Record, in_order
from ...store import walked
from ..formats.column_files import NUMBERS, array_of, keys_in, samples
from ..formats.file_hashes import remembered
from ..formats.files import LARGEST_BYTES
from ..formats.label_table import (
    check_row,
    check_some_row,
    hash_of_rows,
    labels_of,
    read_labels,
    with_comma,
)
from ..formats.memory import limited_memory
from ..formats.missing_lead import ordered
from ..preparation.table import MARKS, TEXT
from .file_reader import FileReader

MICROVOLTS = {"uV": 1.0, "mV": 1e3, "V": 1e6}
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
    line of the file names them. Columns with other names are ignored. A text file with `header`
    begins with a line of names. `table` has a row per ECG, joined by its `id_column`: `columns`
    maps each label to a column, `patient_column` is the patient (None: each ECG is a patient). An
    ECG without a row, or without a patient in it, is excluded.
    Labels with our names (pr, qrs, qt, r, j, t, rate, age, sex …) are in µV, ms, 1/min and years.
    """

    fs_hz: int | float
    unit: Literal["uV", "mV", "V"]
    pattern: str = "*.csv"
    leads: Sequence[str] = ()
    leads_in: Literal["columns", "rows"] = "columns"
    header: bool = True
    ecg: str | None = None
    table: str | None = None
    id_column: str = "id"
    patient_column: str | None = None
    columns: Mapping[str, str] | None = None
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if not self.path.is_dir():
            raise ValueError(f"expected in data.path a folder, got {self.path}")
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
        if taken := [name for name in self.columns or () if name in (*TEXT, *MARKS)]:
            raise ValueError(f"expected in data.columns another name for a label than {taken[0]}")

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
        return Record(
            ordered(signal * MICROVOLTS[self.unit], leads),
            fs=float(self.fs_hz),
            id=name,
            patient=patient,
            labels=labels_of(self._table, name),
        )

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
        if len(set(map(str.lower, leads))) < len(leads):
            raise ValueError(f"expected each lead once, got {', '.join(names)}")
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
        files = sorted({*self.path.rglob(self.pattern), *linked} - {self._labels})
        found: list[tuple[str, Path, str]] = []
        for file in files:
            place = self._below(file).with_suffix("").as_posix()
            try:
                # An array of many ECGs stays on the disk; one ECG at a time is read.
                self._check(file, inf if file.suffix == ".npy" else LARGEST_BYTES)
                with limited_memory(file.name):
                    keys = keys_in(file, self.ecg)
            except (OSError, ValueError):  # `read` reports it
                keys = [""]
            own = len(files) == 1 or self.ecg is not None
            found += [(_name(place, key, own), file, key) for key in keys]
        return found

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
        return read_labels(self._labels, self.id_column, self.columns or {}, text)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _name(place: str, key: str, own: bool) -> str:
    if not key:
        return place
    return key if own else f"{place}/{key}"
