"""CODE-15 %: 345 779 ECGs of Brazilian telehealth with six diagnoses, many to a file."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
import pandas as pd
from jaxtyping import Float32

from ...ecg import LEADS, Record
from ..formats.file_hashes import remembered
from ..formats.files import damage_named
from ..formats.hdf5_files import checked_size, numbers_in
from ..formats.label_table import hash_of_rows, labels_of, read_columns, read_labels
from .file_reader import FileReader

# By the documents of the data set: its files hold neither the rate nor the names of the leads.
FS_HZ = 400.0
SHAPE = (4096, len(LEADS))
DIAGNOSES = ("1dAVb", "RBBB", "LBBB", "SB", "AF", "ST")
# What is read from exams.csv, as far as it is there.
LABELS = ("age", "is_male", *DIAGNOSES, "normal_ecg", "death")
EMPTY = 0  # the exam_id of the row of zeros that ends each file


@dataclass(frozen=True)
class Code15(FileReader):
    """The ECGs of CODE-15 % (Ribeiro 2021, doi 10.5281/zenodo.4916206) in µV at 400 Hz.

    `path` is the folder with exams.csv and any of exams_part0.hdf5 … exams_part17.hdf5: leads DI,
    DII, DIII, AVR, AVL, AVF, V1…V6. The zeros that fill up a recording of 7 or 10 s to 4096 samples
    are cut off. Labels are age, sex (1 = female), the diagnoses 1dAVb, RBBB, LBBB, SB, AF and ST,
    normal_ecg and death (known for a patient's first ECG); there are no intervals. Without
    exams.csv there are no labels, and each ECG counts as a patient of its own.

    A value of 1 is taken for `uv_per_unit`. The files do not say, and the documents disagree. The
    authors' own program, with which the files were made (github.com/antonior92/ecg-preprocessing),
    multiplied mV by 2: 500 µV. Its users measured amplitudes of twice those of other data sets on
    reading the values as mV (github.com/antonior92/ecg-age-prediction, issues 1 and 5), which
    agrees. The network of Ribeiro 2020 is said to take "1e-4V: so if the signal is in V it should
    be multiplied by 1000", which contradicts itself.
    """

    uv_per_unit: float = 500.0
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if not self._parts:
            raise ValueError(
                f"expected in data.path the unzipped files exams_part*.hdf5, got {self.path}"
            )
        if not 0 < self.uv_per_unit < np.inf:
            raise ValueError(f"expected data.uv_per_unit above 0 µV, got {self.uv_per_unit}")

    @cached_property
    def names(self) -> list[str]:
        """The exams in the files that are there; a damaged file stands under its own name."""
        _ = self._table  # a wrong one is refused now, not with every ECG
        return [name for name, _, _ in self._exams]

    def files(self, name: str) -> list[Path]:
        """None of an ECG's own."""
        return []

    def record(self, name: str) -> Record:
        """The recording without the zeros around it, and its row of exams.csv."""
        tracing = self._tracing(name)
        recorded = np.flatnonzero(tracing.any(axis=1))
        if not len(recorded):
            raise ValueError(f"expected a recording, got zeros for exam {name}")
        signal = tracing[recorded[0] : recorded[-1] + 1].T * self.uv_per_unit
        labels = labels_of(self._table, name)
        if "is_male" in labels:
            labels["sex"] = 1 - labels.pop("is_male")
        patient = self._table["patient"].get(name, "")
        return Record(signal, fs=FS_HZ, id=name, patient=str(patient), labels=labels)

    def origin(self, start: int, stop: int) -> dict[str, Any]:
        """A hash of these ECGs alone: a file has 4 GB and 20 000 of them."""
        names = self.names[start:stop]
        files = dict.fromkeys(self._places[name][0] for name in names)
        digest = remembered(repr(self), (start, stop), files, partial(self._digest, names))
        return {
            "files": digest.hex()[:16],
            "labels": hash_of_rows(self._table, names),
            "missing_lead": self.missing_lead,
            "uv_per_unit": self.uv_per_unit,
        }

    def _digest(self, names: Sequence[str]) -> bytes:
        digest = hashlib.sha256()
        for name in names:
            try:
                digest.update(name.encode() + self._tracing(name).tobytes())
            except (OSError, ValueError) as problem:  # `read` names it
                digest.update(repr(type(problem)).encode())
        return digest.digest()

    def _tracing(self, name: str) -> Float32[np.ndarray, "time 12"]:
        """All samples of an exam as they stand in the file."""
        file, row = self._places[name]
        _, tracings = _opened(file, file.stat().st_mtime_ns)
        return np.asarray(tracings[row], np.float32)

    @cached_property
    def _exams(self) -> list[tuple[str, Path, int]]:
        """Each exam with its file and row."""
        found: list[tuple[str, Path, int]] = []
        for file in sorted(self._parts, key=lambda file: (len(file.name), file)):
            try:
                exams, _ = _opened(file, file.stat().st_mtime_ns)
            except (OSError, ValueError):  # `read` meets it again and says so
                found.append((file.name, file, 0))
                continue
            rows = enumerate(exams.tolist())
            found += [(str(exam), file, row) for row, exam in rows if exam != EMPTY]
        return found

    @cached_property
    def _places(self) -> dict[str, tuple[Path, int]]:
        """Where each exam stands first."""
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


# ECGs that stand side by side are read side by side: one file is open at a time.
@lru_cache(maxsize=1)
def _opened(file: Path, written: int) -> tuple[np.ndarray, h5py.Dataset]:
    """The exams of a file and their tracings; `written` makes a changed file another one."""
    with damage_named(file.name):
        content = h5py.File(file)
        exams = checked_size(numbers_in(content, "exam_id"))[:]
        tracings = numbers_in(content, "tracings")
        if tracings.shape != (len(exams), *SHAPE):
            raise ValueError(f"{len(exams)} exams, but tracings of shape {tracings.shape}")
    return exams, tracings
