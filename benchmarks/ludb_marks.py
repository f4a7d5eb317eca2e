"""LUDB's records as the benchmark needs them: all edges in each lead, and what their headers say.

The marks are read by ecglens_formats.ludb (Kalyakulina et al. 2020,
doi:10.1109/ACCESS.2020.3029211): cardiologists marked each P, QRS and T in each lead by itself.
What a record counts as follows from the comments of its header alone, each property of Marked by
its own words; a record can be several things at once (all five with AV block III are paced).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import wfdb
from ecglens.ecg import Record
from ecglens_formats.ludb import global_edges, read_marks

EDGES = ("p_on", "p_off", "qrs_on", "qrs_off", "t_on", "t_off")
# Words of the comments on what changes the shape of a beat or its rhythm.
NOT_CLEAN = ("pacing", "pacemaker", "xtrasystol", "iii degree", "complete right", "complete left")


@dataclass(frozen=True)
class Marked:
    """A record with its manual marks (beat, lead, edge) in samples, NaN where there is no mark."""

    record: Record
    marks: np.ndarray
    comments: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Sinus rhythm without pacing, extrasystoles, third-degree or bundle branch block."""
        text = self.text.replace("incomplete", "partial")
        return self.sinus and not any(word in text for word in NOT_CLEAN)

    @property
    def sinus(self) -> bool:
        """A comment "Rhythm: …" that names sinus, whatever else the record has."""
        return "sinus" in self.rhythm

    @property
    def fibrillating(self) -> bool:
        """A comment "Rhythm: …" that names atrial fibrillation or flutter."""
        return "fibrillation" in self.rhythm or "flutter" in self.rhythm

    @property
    def paced(self) -> bool:
        """Ventricular pacing: a comment with "ventricular pacing" (uni-, bipolar, biventricular).

        Atrial pacing comes only together with it; a "wandering atrial pacemaker" is none.
        """
        return "ventricular pacing" in self.text

    @property
    def av_block_iii(self) -> bool:
        """Third-degree AV block: a comment with "III degree"."""
        return "iii degree" in self.text

    @property
    def text(self) -> str:
        """All comments, in small letters."""
        return " ".join(self.comments).lower()

    @property
    def rhythm(self) -> str:
        """The comment "Rhythm: …", in small letters."""
        return next(c.lower() for c in self.comments if c.lower().startswith("rhythm"))

    @property
    def global_edges(self) -> np.ndarray:
        """The edges over all leads, (beat, edge) in samples."""
        by_wave = self.marks.reshape(*self.marks.shape[:2], -1, 2)
        return global_edges(by_wave).reshape(len(self.marks), len(EDGES))


def read_marked(path: Path) -> Marked:
    """The record at `path` (without suffix) in µV with its marks."""
    signal_mv, header = wfdb.rdsamp(str(path))
    signal = np.asarray(signal_mv, dtype=np.float32).T * 1000.0
    record = Record(signal, fs=float(header["fs"]), id=path.name, patient=path.name)
    marks = read_marks(path, record.fs)
    return Marked(record, marks.reshape(*marks.shape[:2], len(EDGES)), tuple(header["comments"]))


def intervals_ms(edges: np.ndarray, fs: float) -> np.ndarray:
    """PR, QRS, QT (…, 3) of edges (…, 6)."""
    p_on, _, qrs_on, qrs_off, _, t_off = np.moveaxis(edges, -1, 0)
    return np.stack([qrs_on - p_on, qrs_off - qrs_on, t_off - qrs_on], -1) * 1e3 / fs
