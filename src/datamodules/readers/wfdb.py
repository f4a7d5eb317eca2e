"""Reader of any folder of WFDB records, at any depth."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from ...ecg import Record
from ..formats.conventions import age_and_sex
from ..formats.wfdb_files import read_ecg, record_files, record_names
from .file_reader import FileReader


@dataclass(frozen=True)
class WfdbFolder(FileReader):
    """12-lead ECGs below `path`, one per header (PhysioNet, header(5)).

    The folder at depth `patient_level` below `path` is the patient; at 0 each record is of its own
    patient. Labels are age and sex if comments in the header have them.
    """

    version: ClassVar[int] = 2
    patient_level: int = 0

    @cached_property
    def names(self) -> list[str]:
        """Paths of the records, such as patient001/s0010_re."""
        return record_names(self.path)

    def files(self, name: str) -> list[Path]:
        """Header and the signals that it names."""
        return record_files(self.path / name)

    def record(self, name: str) -> Record:
        """Record in µV, with age and sex."""
        found = read_ecg(self.path / name)
        id, patient = self.id(name), self.patient(name)
        labels = age_and_sex(found.notes.get("age"), found.notes.get("sex"))
        return Record(found.signal, fs=found.fs, id=id, patient=patient, labels=labels)

    def patient(self, name: str) -> str:
        """Patient: path of the folder; ValueError when the record is not that deep."""
        folders = Path(name).parts[:-1]
        if self.patient_level == 0:
            return name
        if not 0 < self.patient_level <= len(folders):
            raise ValueError(
                f"expected {self.patient_level} folders above the record (data.patient_level), "
                f"got {len(folders)}"
            )
        return "/".join(folders[: self.patient_level])
