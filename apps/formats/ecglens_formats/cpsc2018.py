"""Reader of the China Physiological Signal Challenge 2018 in its original .mat files."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import numpy as np
import scipy.io
from ecglens.datamodules import FileReader, age_and_sex, damage_named
from ecglens.ecg import LEADS, Record
from ecglens.store import walked
from jaxtyping import Float32

from .tables import Described, rows_hash, shared_table

RECORDED_HZ = 500.0
UV_PER_MV = 1e3
# Class n of REFERENCE.csv is the n-th of these labels.
CLASSES = ("normal", "af", "iavb", "lbbb", "rbbb", "pac", "pvc", "std", "ste")
CHOICES = ("First_label", "Second_label", "Third_label")  # a record has one to three
# MAT-File Format (MathWorks), level 5: a header, then elements of type and size; 15 is compressed.
MAT_HEADER, MAT_TAG, MAT_COMPRESSED = 128, 8, 15
# The longest record has 144 s, 7 MB in float64; a larger one is not of this data set.
LARGEST = 2**26


@dataclass(frozen=True)
class Cpsc2018(FileReader):
    """Records of CPSC 2018 (Liu 2018, doi 10.1166/jmihi.2018.2442) below `path`.

    A file has sex, age and 12 leads, without rate, unit and names of leads: they are 500 Hz, mV and
    the standard order, as the Challenge says. Each record counts as a patient. Labels are age, sex
    and, with REFERENCE.csv in `path`, its nine classes as `cpsc_<name>`, 1 or 0.
    """

    version: ClassVar[int] = 1

    @cached_property
    def names(self) -> list[str]:
        """Paths of the records, such as TrainingSet1/A0001."""
        found = sorted(file for file in walked(self.path) if file.suffix == ".mat")
        if not found:
            raise ValueError(f"expected in data.path a folder with .mat files, got {self.path}")
        return [str(file.relative_to(self.path).with_suffix("")) for file in found]

    def id(self, name: str) -> str:
        """Name of the record, such as A0001."""
        return Path(name).name

    def files(self, name: str) -> list[Path]:
        """.mat file of the record."""
        return [self.path / f"{name}.mat"]

    def record(self, name: str) -> Record:
        """Record with its classes."""
        signal, labels = read_mat(self.files(name)[0])
        said = self.described(name)
        return Record(signal, RECORDED_HZ, self.id(name), said.patient, labels | said.labels)

    def rows(self, names: Sequence[str]) -> str:
        """Hash of the rows of these ECGs in REFERENCE.csv."""
        return rows_hash(self.described, names)

    def described(self, name: str) -> Described:
        """Classes of this ECG; none without the table or a row in it."""
        table = shared_table(self.path / "REFERENCE.csv", "Recording", numbers=CHOICES)
        record = self.id(name)
        if table is None or record not in table.index:
            return Described(record, {})
        given = {float(number) for number in table.loc[record].dropna()}
        if not given or not given <= {*range(1, len(CLASSES) + 1)}:
            raise ValueError(f"expected classes 1 … 9 in REFERENCE.csv, got {sorted(given)}")
        labels = {f"cpsc_{label}": float(n in given) for n, label in enumerate(CLASSES, 1)}
        return Described(record, labels)


def read_mat(file: Path) -> tuple[Float32[np.ndarray, "12 time"], dict[str, float]]:
    """Leads in µV, and age and sex; OSError for a missing file, ValueError for a damaged one."""
    content = file.read_bytes()
    with damage_named(file.name):
        _check_unpacked(content)
        try:
            ecg = scipy.io.loadmat(BytesIO(content), variable_names=["ECG"])["ECG"][0, 0]
        except OSError as problem:  # scipy raises it for a file that ends too early
            raise ValueError(str(problem)) from problem
        signal = np.asarray(ecg["data"], np.float32)
        labels = age_and_sex(ecg["age"].item(), ecg["sex"].item())
    if signal.ndim != 2 or len(signal) != len(LEADS):
        raise ValueError(f"expected 12 leads by time in {file.name}, got {signal.shape}")
    return signal * np.float32(UV_PER_MV), labels


def _check_unpacked(content: bytes) -> None:
    """Refuse a small file that would fill the memory when unpacked."""
    place = MAT_HEADER
    while place + MAT_TAG <= len(content):
        kind, size = np.frombuffer(content, "<u4", 2, place).tolist()
        place += MAT_TAG
        if kind == MAT_COMPRESSED:
            packed = content[place : place + size]
            if len(zlib.decompressobj().decompress(packed, LARGEST)) == LARGEST:
                raise ValueError(f"more than {LARGEST >> 20} MB when unpacked")
        place += size
