"""Reader of the generated ECGs of the 2025 study: strips with a table, or median beats in HDF5."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
import pandas as pd
from ecglens.datamodules import (
    FileReader,
    damage_named,
    hash_of_rows,
    labels_of,
    read_columns,
    read_labels,
)
from ecglens.ecg import BEAT_LENGTH, FS_HZ, INDEPENDENT, LEADS, Record, from_eight
from ecglens.store import walked
from jaxtyping import Float

from .hdf5_files import numbers_in

SHAPE = (5000, len(INDEPENDENT))
# Our names of the measurements of MUSE 12SL; ms, µV and 1/min.
LABELS = {
    "rate": "VentRate",
    "pr": "pr",
    "qrs": "qrs",
    "qt": "qt",
    "j": "STJ_v5",
    "t": "T_PeakAmpl_v5",
    "r": "R_PeakAmpl_v5",
}


@dataclass(frozen=True)
class DeepfakeFiles(FileReader):
    """The "DeepFake ECGs" (Thambawita 2021, doi 10.1038/s41598-021-01295-2), µV at 500 Hz.

    `path` is a folder with one of two kinds of files, also in folders below it:
    <patid>.asc, 5000 rows of I, II, V1…V6 in whole µV, published at osf.io/6hved; or <patid>.h5
    with a dataset `median` of 600 × 12, the median beat by MUSE 12SL in µV, and its measurements as
    attributes (github.com/smaeland/ecg-heatmapping-review), which are not published. A file with
    only the median beat gives a record of 1.2 s: its rate is known only from the attributes, and
    there is no strip for input=rhythm.

    `table` is a csv file with the measurements by patid, its path relative to `path` or absolute.
    Without it, ECGLens measures what the attributes do not have.
    """

    table: str | None = None
    version: ClassVar[int] = 1
    generated: ClassVar[bool] = True
    in_files: ClassVar[tuple[str, ...]] = ("path", "table")
    labels_by: ClassVar[Mapping[str, str]] = dict.fromkeys(LABELS, "12sl")

    def __post_init__(self) -> None:
        if not self.path.is_dir():
            raise ValueError(f"expected in data.path a folder with .asc or .h5, got {self.path}")
        if self.table is not None and not (self.path / self.table).is_file():
            raise ValueError(f"expected in data.table a csv file, got {self.path / self.table}")

    @cached_property
    def names(self) -> list[str]:
        """Numbers of the ECGs, in order; ValueError when there is no file."""
        _ = self._table  # a wrong table is refused now, not for every ECG
        if not self._found:
            raise ValueError(f"expected .asc or .h5 files below {self.path}, got none")
        return [file.stem for file in self._found]

    def files(self, name: str) -> list[Path]:
        """File of this ECG."""
        return [self._places[name]]

    def record(self, name: str) -> Record:
        """Strip or median beat, with the measurements of 12SL."""
        [file] = self.files(name)
        if file.suffix == ".asc":
            signal, beat, labels = strip(file), None, {}
        else:
            signal, labels = median(file)
            beat = signal
        labels |= labels_of(self._table, name)
        return Record(signal, FS_HZ, id=name, patient=name, labels=labels, beat=beat)

    def rows(self, names: Sequence[str]) -> str:
        """Hash of the rows of these ECGs in the table."""
        return hash_of_rows(self._table, names)

    @cached_property
    def _found(self) -> list[Path]:
        files = [file for file in walked(self.path) if file.suffix in (".asc", ".h5")]
        return sorted(files, key=lambda file: (len(file.stem), file.stem, file))

    @cached_property
    def _places(self) -> dict[str, Path]:
        return {file.stem: file for file in reversed(self._found)}

    @property
    def _table(self) -> pd.DataFrame:
        if self.table is None:
            return pd.DataFrame()
        file = self.path / self.table
        return read_labels(file, "patid", _those_in(read_columns(file)))


def strip(file: Path) -> Float[np.ndarray, "12 5000"]:
    """Strip of an .asc file in µV; ValueError when it is incomplete."""
    with damage_named(file.name):
        eight = pd.read_csv(file, sep=r"\s+", header=None, dtype=np.float32).to_numpy()
    if eight.shape != SHAPE:
        raise ValueError(f"expected I, II, V1…V6 as {SHAPE} in {file.name}, got {eight.shape}")
    return from_eight(eight.T)


def median(file: Path) -> tuple[Float[np.ndarray, "12 600"], dict[str, float]]:
    """Median beat of an HDF5 file in µV, and its measurements; errors as in `strip`."""
    with damage_named(file.name), h5py.File(file) as content:
        found = numbers_in(content, "median")
        if found.shape != (BEAT_LENGTH, len(LEADS)):
            raise ValueError(f"a median beat of shape {found.shape}, not {BEAT_LENGTH} × 12")
        named = _those_in(found.attrs).items()
        known = {ours: float(np.asarray(found.attrs[its]).item()) for ours, its in named}
        if infinite := [name for name, value in known.items() if np.isinf(value)]:
            raise ValueError(f"{infinite[0]} is infinite")
        missing = dict.fromkeys(LABELS, float("nan")) if known else {}
        return np.asarray(found, np.float32).T, missing | known


def _those_in(known: Container[str]) -> dict[str, str]:
    return {ours: its for ours, its in LABELS.items() if its in known}
