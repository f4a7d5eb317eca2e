"""Reader of the Lobachevsky University Database with its manual marks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
import wfdb
from ecglens.datamodules import FileReader, damage_named, read_ecg, record_files
from ecglens.ecg import LEADS, Record
from jaxtyping import Float

# WFDB's sign for the peak of each wave, and its place in the order P, QRS, T.
WAVE = {"p": 0, "N": 1, "t": 2}
# In all leads the peaks of one QRS complex lie within 150 ms of each other; those of two beats do
# not, because the ventricle is refractory.
SAME_BEAT_MS = 150.0


def read_marks(path: Path, fs: float) -> Float[np.ndarray, "beat 12 wave 2"]:
    """Onset and offset (samples) of P, QRS and T per beat and lead; NaN where not marked.

    `path` is the record without its ending; the marks of a lead are in the file with its name. A
    missing file is a lead without marks.
    """
    leads = [_lead(path, lead.lower()) for lead in LEADS]
    peaks = np.sort(np.concatenate([np.array([beat[0] for beat in lead]) for lead in leads]))
    if not len(peaks):
        return np.empty((0, len(LEADS), len(WAVE), 2))
    groups = np.split(peaks, np.flatnonzero(np.diff(peaks) > SAME_BEAT_MS * fs / 1e3) + 1)
    middles = np.array([np.median(group) for group in groups])
    marks = np.full((len(groups), len(LEADS), len(WAVE), 2), np.nan)
    for number, lead in enumerate(leads):
        for peak, waves in lead:
            marks[np.abs(middles - peak).argmin(), number] = waves
    return marks


def global_edges(marks: Float[np.ndarray, "beat 12 wave 2"]) -> Float[np.ndarray, "beat wave 2"]:
    """Onset and offset (samples) of each wave over all leads; NaN if fewer than two leads mark it.

    A wave begins at the second-earliest onset of the leads and ends at the second-latest offset
    (our own definition), so that a wrong mark in one lead has no effect.
    """
    onset = np.sort(marks[..., 0], axis=1)[:, 1]  # NaN is sorted to the end
    offset = -np.sort(-marks[..., 1], axis=1)[:, 1]
    return np.stack((onset, offset), axis=-1)


def global_intervals(marks: Float[np.ndarray, "beat 12 wave 2"], fs: float) -> dict[str, float]:
    """PR, QRS and QT in ms over all leads, median over beats; NaN if no beat has both ends.

    Empty without a marked beat.
    """
    if not len(marks):
        return {}
    p, qrs, t = np.moveaxis(global_edges(marks), 1, 0)
    lengths = {"pr": qrs[:, 0] - p[:, 0], "qrs": qrs[:, 1] - qrs[:, 0], "qt": t[:, 1] - qrs[:, 0]}
    return {name: _median(values) * 1e3 / fs for name, values in lengths.items()}


def _lead(path: Path, lead: str) -> list[tuple[int, Float[np.ndarray, "wave 2"]]]:
    """R peak of each beat in this lead, and its waves: P before it, QRS, T after it."""
    if not path.with_suffix(f".{lead}").exists():
        return []
    with damage_named(f"{path.name}.{lead}"):
        annotation = wfdb.rdann(str(path), lead)
    signs = annotation.symbol or []
    beats: list[tuple[int, np.ndarray]] = []
    p = np.full(2, np.nan)
    for place, sign in enumerate(signs):
        if sign not in WAVE:
            continue
        onset = annotation.sample[place - 1] if signs[place - 1 : place] == ["("] else np.nan
        offset = annotation.sample[place + 1] if signs[place + 1 : place + 2] == [")"] else np.nan
        edges = np.array([onset, offset])
        if sign == "p":
            p = edges
        elif sign == "N":
            waves = np.stack([p, edges, np.full(2, np.nan)])
            beats.append((int(annotation.sample[place]), waves))
            p = np.full(2, np.nan)
        elif beats:
            beats[-1][1][WAVE["t"]] = edges
    return beats


def _median(values: Float[np.ndarray, " beat"]) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")


@dataclass(frozen=True)
class Ludb(FileReader):
    """Records of LUDB 1.0.1 (Kalyakulina 2020, doi 10.1109/ACCESS.2020.3029211) in µV.

    `path` is the folder with RECORDS and data/. Labels pr, qrs and qt are global intervals of the
    manual marks (`read_marks`). Amplitudes, rate and the mask of waves are measured, and in
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
