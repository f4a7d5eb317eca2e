"""Reader of CODE-15 %: 345 779 ECGs of Brazilian telehealth, six diagnoses, many ECGs per file."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
import pandas as pd
from ecglens.datamodules import (
    LARGEST_BYTES,
    FileReader,
    check_row,
    damage_named,
    hash_of_rows,
    labels_of,
    read_columns,
    read_labels,
    remembered,
)
from ecglens.ecg import LEADS, Record
from jaxtyping import Float32

from .hdf5_files import numbers_in

# From the documents of the data set: its files have neither the rate nor the names of the leads.
RECORDED_HZ = 400.0
SHAPE = (4096, len(LEADS))
DIAGNOSES = ("1dAVb", "RBBB", "LBBB", "SB", "AF", "ST")
# Columns of exams.csv that are read if they exist.
LABELS = ("age", "is_male", *DIAGNOSES, "normal_ecg", "death")
EMPTY = 0  # exam_id of the row of zeros at the end of each file


@dataclass(frozen=True)
class Code15(FileReader):
    """ECGs of CODE-15 % (Ribeiro 2021, doi 10.5281/zenodo.4916206) in µV at 400 Hz.

    `path` is the folder with exams.csv and any of exams_part0.hdf5 … exams_part17.hdf5: leads DI,
    DII, DIII, AVR, AVL, AVF, V1…V6. Recordings of 7 or 10 s are padded with zeros to 4096 samples;
    the zeros are removed. Labels are age, sex (1 = female), the diagnoses 1dAVb, RBBB, LBBB, SB, AF
    and ST, normal_ecg and death (known for a patient's first ECG); there are no intervals. Without
    exams.csv there are no labels, and each ECG counts as a patient; an ECG without a row in it is
    excluded.

    `uv_per_unit` is the voltage of the number 1. The files do not say it, and the documents
    disagree. The authors' program that wrote the files (github.com/antonior92/ecg-preprocessing)
    multiplied mV by 2: 500 µV. In agreement with it, users who read the values as mV found twice
    the amplitudes of other data sets (github.com/antonior92/ecg-age-prediction, issues 1 and 5).
    For the network of Ribeiro 2020 the authors write "1e-4V: so if the signal is in V it should be
    multiplied by 1000", which contradicts itself.
    """

    uv_per_unit: float = 500.0
    version: ClassVar[int] = 2

    def __post_init__(self) -> None:
        if not self._parts:
            raise ValueError(
                f"expected in data.path the unzipped files exams_part*.hdf5, got {self.path}"
            )
        if not 0 < self.uv_per_unit < np.inf:
            raise ValueError(f"expected data.uv_per_unit above 0 µV, got {self.uv_per_unit}")

    @cached_property
    def names(self) -> list[str]:
        """Exams in the files of the folder; a damaged file is listed by its own name."""
        _ = self._table  # a wrong table is refused now, not for every ECG
        return [name for name, _, _ in self._exams]

    def file(self, name: str) -> Path:
        """Part that this exam is in."""
        return self._places[name][0]

    def files(self, name: str) -> list[Path]:
        """None: no file belongs to a single ECG."""
        return []

    def record(self, name: str) -> Record:
        """Recording without padding, with its row of exams.csv."""
        tracing = self._tracing(name)
        recorded = np.flatnonzero(tracing.any(axis=1))
        if not len(recorded):
            raise ValueError(f"expected a recording, got zeros for exam {name}")
        signal = tracing[recorded[0] : recorded[-1] + 1].T * self.uv_per_unit
        if len(table := self._table):
            check_row(table, name, "exams.csv", patients=True)
        labels = labels_of(table, name)
        if "is_male" in labels:
            labels["sex"] = 1 - labels.pop("is_male")
        patient = table["patient"].get(name, "")
        return Record(signal, fs=RECORDED_HZ, id=name, patient=str(patient), labels=labels)

    def rows(self, names: Sequence[str]) -> str:
        """Hash of the rows of these ECGs in exams.csv."""
        return hash_of_rows(self._table, names)

    def origin(self, start: int, stop: int) -> dict[str, Any]:
        """Hash of these ECGs only: a file has 4 GB and 20 000 ECGs."""
        names = self.names[start:stop]
        files = dict.fromkeys(self._places[name][0] for name in names)
        digest = remembered(repr(self), (start, stop), files, partial(self._digest, names))
        return {
            "files": digest.hex()[:16],
            "rows": self.rows(names),
            "missing_lead": self.missing_lead,
            "uv_per_unit": self.uv_per_unit,
        }

    def _digest(self, names: Sequence[str]) -> bytes:
        digest = hashlib.sha256()
        for name in names:
            try:
                digest.update(name.encode() + self._tracing(name).tobytes())
            except (OSError, ValueError) as problem:  # `read` reports it
                digest.update(repr(type(problem)).encode())
        return digest.digest()

    def _tracing(self, name: str) -> Float32[np.ndarray, "time 12"]:
        """All samples of an exam as in the file."""
        file, row = self._places[name]
        _, tracings = _opened(file, file.stat().st_mtime_ns)
        return np.asarray(tracings[row], np.float32)

    @cached_property
    def _exams(self) -> list[tuple[str, Path, int]]:
        """Exams with file and row."""
        found: list[tuple[str, Path, int]] = []
        for file in sorted(self._parts, key=lambda file: (len(file.name), file)):
            try:
                exams, _ = _opened(file, file.stat().st_mtime_ns)
            except (OSError, ValueError):  # `read` reports it
                found.append((file.name, file, 0))
                continue
            rows = enumerate(exams.tolist())
            found += [(str(exam), file, row) for row, exam in rows if exam != EMPTY]
        return found

    @cached_property
    def _places(self) -> dict[str, tuple[Path, int]]:
        """First file and row of each exam."""
        return {name: (file, row) for name, file, row in reversed(self._exams)}

    @cached_property
    def _parts(self) -> list[Path]:
        return list(self.path.glob("exams_part*.hdf5"))

    @property
    def _table(self) -> pd.DataFrame:
        file = self.path / "exams.csv"
        if not file.is_file():
            return pd.DataFrame({"patient": []})
        known = read_columns(file)
        labels = {name: name for name in LABELS if name in known}
        return read_labels(file, "exam_id", labels, {"patient": "patient_id"})


# Neighbouring ECGs are read one after the other: one file is open at a time.
@lru_cache(maxsize=1)
def _opened(file: Path, written: int) -> tuple[np.ndarray, h5py.Dataset]:
    """Exams of a file and their tracings; `written` makes a changed file be read again."""
    with damage_named(file.name):
        content = h5py.File(file)
        if (found := numbers_in(content, "exam_id")).nbytes > LARGEST_BYTES:
            raise ValueError(f"{found.nbytes >> 20} MB unpacked, more than {LARGEST_BYTES >> 20}")
        exams = found[:]
        tracings = numbers_in(content, "tracings")
        if tracings.shape != (len(exams), *SHAPE):
            raise ValueError(f"{len(exams)} exams, but tracings of shape {tracings.shape}")
    return exams, tracings
