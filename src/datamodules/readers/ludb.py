"""The Lobachevsky University Database in its original layout, with its manual annotation."""

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
    """The records of LUDB 1.0.1 (Kalyakulina 2020, doi 10.1109/ACCESS.2020.3029211) in µV.

    `path` is the folder with RECORDS and data/. Labels pr, qrs and qt are the manual marks as
    global intervals (see manual_marks); amplitudes, rate and the mask of waves are measured, and so
    is everything in a record without marks. Each record is a patient of its own.
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
        """The records by their place in the folder, such as data/7."""
        return (self.path / "RECORDS").read_text().split()

    def id(self, name: str) -> str:
        """The number of the record."""
        return Path(name).name

    def files(self, name: str) -> list[Path]:
        """The header, the signals that it names and the marks of each lead."""
        path = self.path / name
        marks = [path.parent / f"{path.name}.{lead.lower()}" for lead in LEADS]
        return record_files(path) + [file for file in marks if file.exists()]

    def record(self, name: str) -> Record:
        """The record with its manual marks as labels."""
        path = self.path / name
        found = read_ecg(path)
        labels = global_intervals(read_marks(path, found.fs), found.fs)
        return Record(found.signal, found.fs, id=path.name, patient=path.name, labels=labels)
