"""Reader of PTB-XL with its statements and folds, and of the 12SL measurements of PTB-XL+."""

from ast import literal_eval
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from ecglens.datamodules import FileReader, read_ecg, record_files, record_names, years
from ecglens.ecg import R_INDEX, Record
from jaxtyping import Float32

from .tables import Described, rows_hash, shared_table

FEATURES = Path("features", "12sl_features.csv")
# Columns of 12SL (feature_description.csv: intervals in ms, amplitudes in mV), and our unit of one.
INTERVALS = {"pr": "PR_Int_Global", "qrs": "QRS_Dur_Global", "qt": "QT_Int_Global"}
AMPLITUDES = {"r": "R_Amp_V5", "t": "T_Amp_V5"}
RR = "RR_Mean_Global"
UV_PER_MV = 1e3
# The headers of release 1.0.1 name a folder that does not exist; readers of WFDB fail on it
# (github.com/MIT-LCP/wfdb-python, issue 528).
STALE = "ge_median_beats_wfdb/"
# They also say mV, while the article says 1 µV per unit. A median beat has about the span of its
# strip, so that the ratio of both spans shows the unit: √1000 is halfway.
IN_MICROVOLTS_ABOVE = 1e3**0.5
# Ratios outside this range are not explained by wander, noise or ectopic beats of the strip.
SPANS = (0.1, 3.0)
# Largest shift of a given beat onto its strip.
R_WITHIN = 30  # samples


def measurements(folder: Path, ecg_id: str) -> dict[str, float]:
    """12SL's pr, qrs, qt (ms), rate (1/min), r and t (µV in V5); NaN if it measured none.

    Empty without the file of features; all NaN for an ECG that is not in it.
    """
    columns = {**INTERVALS, **AMPLITUDES, "rate": RR}
    found = shared_table(folder / FEATURES, "ecg_id", numbers=tuple(columns.values()))
    if found is None:
        return {}
    row = found.loc[ecg_id] if ecg_id in found.index else {}
    values = {name: row.get(column, nan) for name, column in columns.items() if column in found}
    for name in values:
        if name in AMPLITUDES:
            values[name] *= UV_PER_MV
        elif not values[name] > 0:
            values[name] = nan
    return values | ({"rate": 6e4 / values["rate"]} if "rate" in values else {})


def median_beat_files(folder: Path, ecg_id: str) -> list[Path]:
    """Paths of header and samples of 12SL's median beat of this ECG; not every ECG has one."""
    number = int(ecg_id)
    stem = folder / "median_beats" / "12sl" / f"{number // 1000 * 1000:05d}" / f"{number:05d}"
    return [Path(f"{stem}_medians{ending}") for ending in (".hea", ".dat")]


def median_beat(
    folder: Path, ecg_id: str, strip: Float32[np.ndarray, "12 time"]
) -> Float32[np.ndarray, "12 600"]:
    """12SL's median beat in µV; the span of its strip (µV) decides its unit.

    Raises OSError if there is none, and ValueError for a damaged one, another length, or a QRS
    complex that is not where a given beat has it.
    """
    header, samples = median_beat_files(folder, ecg_id)
    with TemporaryDirectory() as place:
        # wfdb opens files by their header, so it gets a corrected header.
        Path(place, header.name).write_text(header.read_text().replace(STALE, ""))
        Path(place, samples.name).symlink_to(samples.resolve(strict=True))
        ecg = read_ecg(Path(place, header.stem))
    if ecg.fs != 500 or ecg.signal.shape != (12, 600):
        raise ValueError(
            f"expected a median beat of 600 samples at 500 Hz in {header.name}, "
            f"got {ecg.signal.shape[1]} at {ecg.fs:g} Hz"
        )
    summit = int(np.argmax(np.sum(np.diff(ecg.signal) ** 2, axis=0)))
    if abs(summit - R_INDEX) > R_WITHIN:
        raise ValueError(
            f"expected the QRS complex of {header.name} at sample {R_INDEX}, got it at {summit}"
        )
    ratio = float(np.median(np.ptp(ecg.signal, axis=1)) / np.median(np.ptp(strip, axis=1)))
    scale = 1 / UV_PER_MV if ratio > IN_MICROVOLTS_ABOVE else 1.0
    if not SPANS[0] < ratio * scale < SPANS[1]:
        raise ValueError(
            f"expected the median beat in {header.name} to span what its strip does, got "
            f"{ratio:.3g} of it, which is neither mV nor µV"
        )
    return ecg.signal * np.float32(scale)


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
    in_files: ClassVar[tuple[str, ...]] = ("path", "fs_hz", "plus")
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
        """ecg_id of the record."""
        return Path(name).name.split("_")[0].lstrip("0")

    def files(self, name: str) -> list[Path]:
        """Header and signals, and those of 12SL's median beat if `beats` is "12sl"."""
        own, plus = record_files(self.path / name), self.path / self.plus
        return own + (median_beat_files(plus, self.id(name)) if self.beats == "12sl" else [])

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
