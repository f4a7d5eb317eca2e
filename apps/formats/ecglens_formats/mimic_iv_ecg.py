"""Reader of MIMIC-IV-ECG with the intervals measured by the electrocardiographs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
from ecglens.datamodules import FileReader, read_ecg, record_files, record_names
from ecglens.ecg import Record

from .tables import Described, rows_hash, shared_table

EDGES = ("p_onset", "p_end", "qrs_onset", "qrs_end", "t_end")
# Every record lasts 10 s. A later time is invalid: 29999 means that an edge was not found.
LONGEST_MS = 1e4


@dataclass(frozen=True)
class MimicIvEcg(FileReader):
    """Records of MIMIC-IV-ECG (Gow 2023, doi 10.13026/4nqg-sb35) with their machine intervals.

    `path` is the folder with files/, record_list.csv and machine_measurements.csv. Without the
    list, all records below files/ are read; without the measurements, ECGLens measures everything.
    Labels pr, qrs, qt (ms) and rate (1/min) are the machine's; NaN if an edge is missing, if edges
    are in the wrong order, and for an ECG that is not in the table.
    """

    version: ClassVar[int] = 1
    labels_by: ClassVar[Mapping[str, str]] = dict.fromkeys(("pr", "qrs", "qt", "rate"), "recorder")

    @cached_property
    def names(self) -> list[str]:
        """Paths of the records, such as files/p1000/p10000032/s40689238/40689238."""
        table = shared_table(self.path / "record_list.csv", "path")
        if table is not None:
            return list(table.index)
        return [f"files/{name}" for name in record_names(self.path / "files")]

    def id(self, name: str) -> str:
        """study_id of the record."""
        return Path(name).name

    def files(self, name: str) -> list[Path]:
        """Header and signals of the record."""
        return record_files(self.path / name)

    def record(self, name: str) -> Record:
        """Record with the machine's measurements."""
        found, said = read_ecg(self.path / name), self.described(name)
        return Record(found.signal, found.fs, self.id(name), said.patient, said.labels)

    def rows(self, names: Sequence[str]) -> str:
        """Hash of the rows of these ECGs in the tables."""
        return rows_hash(self.described, names)

    def described(self, name: str) -> Described:
        """Patient, from the folder of the record, and labels of this ECG."""
        patient = Path(name).parent.parent.name.removeprefix("p")
        table = self._measurements
        if table is None:
            return Described(patient, {})
        study = self.id(name)
        return Described(patient, intervals(table.loc[study] if study in table.index else None))

    @property
    def _measurements(self) -> pd.DataFrame | None:
        file = self.path / "machine_measurements.csv"
        return shared_table(file, "study_id", numbers=("rr_interval", *EDGES))


def intervals(row: pd.Series | None) -> dict[str, float]:
    """pr, qrs, qt (ms) and rate (1/min) from times of edges in ms and the mean RR interval."""
    at = {} if row is None else {name: time for name, time in row.items() if 0 <= time < LONGEST_MS}
    return {
        "pr": _between(at, "p_onset", "qrs_onset"),
        "qrs": _between(at, "qrs_onset", "qrs_end"),
        "qt": _between(at, "qrs_onset", "t_end"),
        "rate": 6e4 / (at.get("rr_interval") or nan),
    }


def _between(at: Mapping[Any, float], first: str, last: str) -> float:
    """Time between two edges; NaN unless all known edges between them are in order."""
    if first not in at or last not in at:
        return nan
    edges = EDGES[EDGES.index(first) : EDGES.index(last) + 1]
    times = [at[edge] for edge in edges if edge in at]
    return times[-1] - times[0] if times == sorted({*times}) else nan
