"""Reader of PTB-XL with its statements and folds, and of the 12SL measurements of PTB-XL+."""

from ast import literal_eval
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan
from pathlib import Path
from typing import ClassVar, Literal

import pandas as pd

from ...ecg import Record
from ..formats.person import years
from ..formats.shared_tables import Described, rows_hash, shared_table
from ..formats.wfdb_files import read_ecg, record_files, record_names
from .file_reader import FileReader
from .ptbxl_plus import measurements, median_beat, median_beat_files

# All statements of the database (Wagner 2020, tables 6 to 8); every ECG has the columns of each.
CODES = """
    1AVB 2AVB 3AVB ABQRS AFIB AFLT ALMI AMI ANEUR ASMI BIGU CLBBB CRBBB DIG EL HVOLT ILBBB ILMI IMI
    INJAL INJAS INJIL INJIN INJLA INVT IPLMI IPMI IRBBB ISCAL ISCAN ISCAS ISCIL ISCIN ISCLA ISC_
    IVCD LAFB LAO/LAE LMI LNGQT LOWT LPFB LPR LVH LVOLT NDT NORM NST_ NT_ PAC PACE PMI PRC(S) PSVT
    PVC QWAVE RAO/RAE RVH SARRH SBRAD SEHYP SR STACH STD_ STE_ SVARR SVTAC TAB_ TRIGU VCLVH WPW
"""
STATEMENTS = tuple(CODES.split())
SEX = {0.0: 0.0, 1.0: 1.0}  # male, female, as here


@dataclass(frozen=True)
class Ptbxl(FileReader):
    """Records of PTB-XL (Wagner 2020, doi 10.1038/s41597-020-0495-6) at one of its two rates.

    `path` is the folder with ptbxl_database.csv and records500 or records100; without the table,
    signals are read without labels. Labels are age, sex, fold (1 … 10), site (a number) and, for
    each statement, `stated_<CODE>` (1 or 0) and its likelihood `scp_<CODE>` in %: 0 if it is not
    stated, NaN if it is stated with the table's 0, which means that no likelihood was given.

    `plus` is the folder (or link) below `path` with PTB-XL+: if it exists, 12SL's measurements
    replace ours. `beats` selects the median beats: "own" beats are formed from the strip; "12sl"
    takes those of 12SL and excludes ECGs without one.
    """

    version: ClassVar[int] = 2
    labels_by: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("pr", "qrs", "qt", "rate", "r", "t"), "12sl"),
        "stated_*": "report",
        "scp_*": "report",
    }
    fs_hz: Literal[100, 500] = 500
    plus: str = "ptb-xl-plus"
    beats: Literal["own", "12sl"] = "own"

    def __post_init__(self) -> None:
        if self.beats == "12sl" and not (self.path / self.plus / "median_beats" / "12sl").is_dir():
            raise ValueError(
                "expected for data.beats=12sl the folder of PTB-XL+ with median_beats/12sl in "
                f"data.plus below {self.path}, got {self.plus!r}"
            )

    @cached_property
    def names(self) -> list[str]:
        """Paths of the records, such as records500/00000/00001_hr, in the order of the table."""
        table = self._table
        if table is not None:
            return list(table.index)
        folder = f"records{self.fs_hz}"
        return [f"{folder}/{name}" for name in record_names(self.path / folder)]

    def id(self, name: str) -> str:
        """The ecg_id of the record."""
        return Path(name).name.split("_")[0].lstrip("0")

    def files(self, name: str) -> list[Path]:
        """Header and signals, and those of 12SL's median beat if `beats` is "12sl"."""
        own = record_files(self.path / name)
        return own + (self._beat_files(name) if self.beats == "12sl" else [])

    def record(self, name: str) -> Record:
        """Record with its labels from the tables."""
        found = read_ecg(self.path / name)
        said, ecg_id = self.described(name), self.id(name)
        wanted = self.beats == "12sl"
        beat = median_beat(self.path / self.plus, ecg_id, found.signal) if wanted else None
        return Record(found.signal, found.fs, ecg_id, said.patient, said.labels, beat)

    def rows(self, names: Sequence[str]) -> str:
        """Hash of the rows of these ECGs in the tables."""
        return rows_hash(self.described, names)

    def origin(self, start: int, stop: int) -> dict[str, str]:
        """Hashes of the files of these ECGs and of their rows, and the choice of beats."""
        return {**super().origin(start, stop), "beats": self.beats}

    def described(self, name: str) -> Described:
        """Patient and labels of this ECG from both tables."""
        table = self._table
        labels = measurements(self.path / self.plus, self.id(name)) if self.plus else {}
        if table is None:
            return Described("", labels)
        row = table.loc[name].to_dict()
        labels |= {"age": years(row.get("age")), "sex": SEX.get(row.get("sex"), nan)}
        labels |= {"fold": row.get("strat_fold", nan), "site": row.get("site", nan)}
        patient = row["patient_id"].removesuffix(".0")  # the table has them as 15709.0
        return Described(patient, labels | statements(row["scp_codes"]))

    def _beat_files(self, name: str) -> list[Path]:
        return median_beat_files(self.path / self.plus, self.id(name))

    @property
    def _table(self) -> pd.DataFrame | None:
        """Rows of ptbxl_database.csv by the path of the record; None without the file."""
        return shared_table(
            self.path / "ptbxl_database.csv",
            "filename_hr" if self.fs_hz == 500 else "filename_lr",
            texts=("patient_id", "scp_codes"),
            numbers=("age", "sex", "strat_fold", "site"),
        )


def statements(scp_codes: str) -> dict[str, float]:
    """Labels stated_<CODE> and scp_<CODE> from a field such as "{'NORM': 100.0, 'SR': 0.0}".

    Raises ValueError for a field of another form, or a likelihood that is not 0 … 100.
    """
    try:
        given = literal_eval(scp_codes)
        likelihoods = {str(code): float(likelihood) for code, likelihood in given.items()}
    except (SyntaxError, ValueError, TypeError, AttributeError, RecursionError, MemoryError):
        raise ValueError(f"expected statements in scp_codes, got {scp_codes[:60]!r}") from None
    labels = {}
    for code in (*STATEMENTS, *sorted(likelihoods.keys() - {*STATEMENTS})):
        likelihood = likelihoods.get(code)
        if likelihood is not None and not 0 <= likelihood <= 100:
            raise ValueError(f"expected a likelihood of {code} from 0 to 100, got {likelihood}")
        labels[f"stated_{code}"] = float(likelihood is not None)
        labels[f"scp_{code}"] = 0.0 if likelihood is None else likelihood or nan
    return labels
