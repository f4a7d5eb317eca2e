"""Reader of the PhysioNet/CinC Challenges 2020 and 2021: .mat and .hea with SNOMED CT codes."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from ecglens.datamodules import FileReader, age_and_sex, read_ecg, record_files, record_names
from ecglens.ecg import Record

# Code, abbreviation, and the databases with a record of that code (dx_mapping_scored.csv in the
# Challenge's evaluation code). A database that never uses a code says nothing about it.
SCORED = """
    164889003 AF cpsc cpsc_extra stpetersburg ptb ptbxl georgia chapman
    164890007 AFL cpsc_extra ptb ptbxl georgia chapman ningbo
    6374002 BBB stpetersburg ptb georgia ningbo
    426627000 Brady cpsc_extra stpetersburg georgia ningbo
    733534002 CLBBB ningbo
    713427006 CRBBB cpsc_extra ptbxl georgia ningbo
    270492004 IAVB cpsc cpsc_extra ptbxl georgia chapman ningbo
    713426002 IRBBB cpsc_extra ptbxl georgia ningbo
    39732003 LAD ptbxl georgia chapman ningbo
    445118002 LAnFB ptbxl georgia ningbo
    164909002 LBBB cpsc cpsc_extra ptbxl georgia chapman ningbo
    251146004 LQRSV ptbxl georgia chapman ningbo
    698252002 NSIVCB cpsc_extra stpetersburg ptbxl georgia chapman ningbo
    426783006 NSR cpsc cpsc_extra ptb ptbxl georgia chapman ningbo
    284470004 PAC cpsc cpsc_extra stpetersburg ptbxl georgia chapman ningbo
    10370003 PR cpsc_extra ptbxl ningbo
    365413008 PRWP ningbo
    427172004 PVC cpsc_extra ningbo
    164947007 LPR ptbxl chapman ningbo
    111975006 LQT cpsc_extra ptbxl georgia chapman ningbo
    164917005 QAb cpsc_extra ptbxl georgia chapman ningbo
    47665007 RAD cpsc_extra ptbxl georgia chapman ningbo
    59118001 RBBB cpsc cpsc_extra stpetersburg georgia chapman ningbo
    427393009 SA cpsc_extra stpetersburg ptbxl georgia ningbo
    426177001 SB cpsc_extra ptbxl georgia chapman ningbo
    427084000 STach cpsc_extra stpetersburg ptb ptbxl georgia chapman ningbo
    63593006 SVPB cpsc_extra stpetersburg ptbxl georgia ningbo
    164934002 TAb cpsc_extra ptbxl georgia chapman ningbo
    59931005 TInv cpsc_extra stpetersburg ptbxl georgia chapman ningbo
    17338001 VPB cpsc_extra georgia chapman
"""
PREFIXES = {
    "A": "cpsc",
    "Q": "cpsc_extra",
    "I": "stpetersburg",
    "S": "ptb",
    "HR": "ptbxl",
    "E": "georgia",
    "JS": "chapman",
}
# The Challenge continues the numbers of Chapman-Shaoxing with the records of Ningbo.
LAST_OF_CHAPMAN = 10646


def database_of(record: str) -> str:
    """Database of a record by its name, such as "E07500"; empty for any other name."""
    found = re.fullmatch(r"([A-Z]+)(\d+)", record)
    database = PREFIXES.get(found[1], "") if found else ""
    is_later = found and database == "chapman" and int(found[2]) > LAST_OF_CHAPMAN
    return "ningbo" if is_later else database


def codes_of(database: str) -> list[str]:
    """Scored codes that this database uses."""
    rows = (line.split() for line in SCORED.strip().splitlines())
    return [code for code, _, *databases in rows if database in databases]


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
    in_files: ClassVar[tuple[str, ...]] = ("path", "ptbxl")
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
