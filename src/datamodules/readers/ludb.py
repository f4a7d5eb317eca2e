"""Reader of the Lobachevsky University Database with its manual marks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from ...ecg import LEADS, Record
from ..formats.manual_marks import global_intervals, read_marks
from ..formats.wfdb_files import read_ecg, record_files
from .file_reader import FileReader


@dataclass(frozen=True)
class Ludb(FileReader):
    """Records of LUDB 1.0.1 (Kalyakulina 2020, doi 10.1109/ACCESS.2020.3029211) in µV.

    `path` is the folder with RECORDS and data/. Labels pr, qrs and qt are global intervals of the
    manual marks (formats.manual_marks). Amplitudes, rate and the mask of waves are measured, and in
    a record without marks everything is. Each record is of its own patient.
    """

    version: ClassVar[int] = 1
    labels_by: ClassVar[Mapping[str, str]] = {"*": "hand"}

    def __post_init__(self) -> None:
        if not (self.path / "RECORDS").is_file():
            raise ValueError(
                f"expected in data.path the folder of LUDB with its file RECORDS, got {self.path}"
            )

    @cached_property
    def names(self) -> list[str]:
        """Paths of the records in the folder, such as data/7."""
        return (self.path / "RECORDS").read_text().split()

    def id(self, name: str) -> str:
        """Number of the record."""
        return Path(name).name

    def files(self, name: str) -> list[Path]:
        """Header, the signals that it names, and the marks of each lead."""
        path = self.path / name
        marks = [path.parent / f"{path.name}.{lead.lower()}" for lead in LEADS]
        return record_files(path) + [file for file in marks if file.exists()]

    def record(self, name: str) -> Record:
        """Record with intervals of the manual marks as labels."""
        path = self.path / name
        found = read_ecg(path)
        labels = global_intervals(read_marks(path, found.fs), found.fs)
        return Record(found.signal, found.fs, id=path.name, patient=path.name, labels=labels)
