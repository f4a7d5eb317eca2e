"""LUDB's manual marks as intervals, per lead and over all leads.

Kalyakulina et al. 2020, doi:10.1109/ACCESS.2020.3029211: cardiologists marked onset, peak and
offset of each P, QRS and T in each lead by itself.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import wfdb
from ecglens.ecg import LEADS, Record

EDGES = ("p_on", "p_off", "qrs_on", "qrs_off", "t_on", "t_off")
# Manual peaks of one QRS complex lie within this of each other in all leads.
SAME_BEAT = 75  # samples
# A P wave further before its QRS, or a T wave further behind, belongs to another beat.
P_REACH, T_REACH = 225, 350  # samples


@dataclass(frozen=True)
class Marked:
    """A record with its manual marks (beat, lead, edge) in samples, NaN where there is no mark."""

    record: Record
    marks: np.ndarray
    comments: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Sinus rhythm without pacing, extrasystoles, third-degree or bundle branch block."""
        text = " ".join(self.comments).lower()
        rhythm = next(line for line in self.comments if line.lower().startswith("rhythm")).lower()
        others = (
            "pacing",
            "pacemaker",
            "xtrasystol",
            "iii degree",
            "complete right",
            "complete left",
        )
        return "sinus" in rhythm and not any(
            word in text.replace("incomplete", "partial") for word in others
        )


def read_marked(path: Path) -> Marked:
    """The record at `path` (without suffix) in µV with its marks."""
    signal_mv, header = wfdb.rdsamp(str(path))
    signal = np.asarray(signal_mv, dtype=np.float32).T * 1000.0
    record = Record(signal, fs=float(header["fs"]), id=path.name, patient=path.name)
    per_lead = [_lead_beats(path, lead.lower()) for lead in LEADS]
    peaks = np.sort(np.concatenate([beats[:, 6] for beats in per_lead]))
    groups = np.split(peaks, np.flatnonzero(np.diff(peaks) > SAME_BEAT) + 1)
    middles = np.array([np.median(group) for group in groups])
    marks = np.full((len(middles), len(LEADS), len(EDGES)), np.nan)
    for lead, beats in enumerate(per_lead):
        for beat in beats:
            marks[int(np.argmin(abs(middles - beat[6]))), lead] = beat[:6]
    return Marked(record, marks, tuple(header["comments"]))


def _lead_beats(path: Path, lead: str) -> np.ndarray:
    """Edges and QRS peak (beat, 7) of one lead."""
    marks = wfdb.rdann(str(path), lead)
    symbols, samples = list(marks.symbol or ()), np.asarray(marks.sample, dtype=float)
    waves = {"p": [], "N": [], "t": []}
    for k, symbol in enumerate(symbols):
        if symbol in waves:
            on = samples[k - 1] if k and symbols[k - 1] == "(" else np.nan
            off = samples[k + 1] if k + 1 < len(symbols) and symbols[k + 1] == ")" else np.nan
            waves[symbol].append((on, samples[k], off))
    rows = []
    for on, peak, off in waves["N"]:
        row = [np.nan, np.nan, on, off, np.nan, np.nan, peak]
        before = [wave for wave in waves["p"] if 0 < peak - wave[1] < P_REACH]
        after = [wave for wave in waves["t"] if 0 < wave[1] - peak < T_REACH]
        between = [p for _, p, _ in waves["N"]]
        if before and not any(before[-1][1] < p < peak for p in between):
            row[0], row[1] = before[-1][0], before[-1][2]
        if after and not any(peak < p < after[0][1] for p in between):
            row[4], row[5] = after[0][0], after[0][2]
        rows.append(row)
    return np.array(rows).reshape(-1, 7)


def global_edges(marks: np.ndarray) -> np.ndarray:
    """Second-earliest onset and second-latest offset over the leads, (beat, edge)."""
    ordered = np.sort(marks, axis=1)  # NaN last
    count = np.isfinite(marks).sum(axis=1)
    result = np.full((len(marks), len(EDGES)), np.nan)
    for edge in range(len(EDGES)):
        place = np.ones(len(marks), int) if edge % 2 == 0 else count[:, edge] - 2
        ok = count[:, edge] >= 2
        result[ok, edge] = ordered[np.flatnonzero(ok), place[ok], edge]
    return result


def intervals_ms(edges: np.ndarray, fs: float) -> np.ndarray:
    """PR, QRS, QT (…, 3) of edges (…, 6)."""
    p_on, _, qrs_on, qrs_off, _, t_off = np.moveaxis(edges, -1, 0)
    return np.stack([qrs_on - p_on, qrs_off - qrs_on, t_off - qrs_on], -1) * 1e3 / fs
