"""Reader of the PhysioNet/CinC Challenges 2020 and 2021: .mat and .hea with SNOMED CT codes."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from ...ecg import Record
from ..formats.person import age_and_sex
from ..formats.wfdb_files import read_ecg, record_files, record_names
from .file_reader import FileReader
from .snomed_codes import codes_of, database_of

COPY = (
    "a copy of a record of PTB-XL; data=ptbxl reads it with its patient, data.ptbxl=true as it is"
)


@dataclass(frozen=True)
class Cinc(FileReader):
    """Training records of the Challenges (Reyna 2021, doi 10.13026/34va-7q14) below `path`.

    Labels are age, sex, and `snomed_<code>`: 1 for each code in the header, 0 for every other
    scored code that the record's database uses. A code that the database never uses is not a label
    of its records. The Challenge names no patients: each record counts as a patient, although PTB,
    PTB-XL and St Petersburg have several records of some. HR… are the records of PTB-XL under other
    names; they are excluded unless `ptbxl` is true.
    """

    version: ClassVar[int] = 1
    ptbxl: bool = False

    @cached_property
    def names(self) -> list[str]:
        """Paths of the records, such as georgia/g1/E00001."""
        found = record_names(self.path)
        if all(map(self._left_out, found)):
            raise ValueError(
                f"expected in {self.path} records beside those of PTB-XL, got {len(found)} HR…; "
                "read them as data=ptbxl, which has their patients, or set data.ptbxl=true"
            )
        return found

    def id(self, name: str) -> str:
        """Name of the record, such as E00001."""
        return Path(name).name

    def files(self, name: str) -> list[Path]:
        """Header and .mat file; none for an excluded copy."""
        return [] if self._left_out(name) else record_files(self.path / name)

    def record(self, name: str) -> Record:
        """Record with the codes of its header; ValueError for a copy of one of PTB-XL."""
        if self._left_out(name):
            raise ValueError(COPY)
        found, name_of = read_ecg(self.path / name), self.id(name)
        labels = age_and_sex(found.notes.get("age", ""), found.notes.get("sex", ""))
        codes = [code.strip() for code in found.notes.get("dx", "").split(",")]
        if given := [code for code in codes if code.isdecimal()]:
            labels |= {f"snomed_{code}": 0.0 for code in codes_of(self._database(name))}
            labels |= {f"snomed_{code}": 1.0 for code in given}
        return Record(found.signal, found.fs, name_of, name_of, labels)

    def _left_out(self, name: str) -> bool:
        return not self.ptbxl and self._database(name) == "ptbxl"

    def _database(self, name: str) -> str:
        return database_of(self.id(name))
