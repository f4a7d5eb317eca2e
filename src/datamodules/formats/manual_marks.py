"""Manual marks of P, QRS and T in each lead, and the global intervals from them."""

from pathlib import Path

import numpy as np
from jaxtyping import Float

from ...ecg import LEADS
from .wfdb_files import read_annotation

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
    lengths = {
        "pr": qrs[:, 0] - p[:, 0],
        "qrs": qrs[:, 1] - qrs[:, 0],
        "qt": t[:, 1] - qrs[:, 0],
    }
    return {name: _median(values) * 1e3 / fs for name, values in lengths.items()}


def _lead(path: Path, lead: str) -> list[tuple[int, Float[np.ndarray, "wave 2"]]]:
    """R peak of each beat in this lead, and its waves: P before it, QRS, T after it."""
    if not path.with_suffix(f".{lead}").exists():
        return []
    found = read_annotation(path, lead)
    signs = found.symbol or []
    beats: list[tuple[int, np.ndarray]] = []
    p = np.full(2, np.nan)
    for place, sign in enumerate(signs):
        if sign not in WAVE:
            continue
        onset = found.sample[place - 1] if signs[place - 1 : place] == ["("] else np.nan
        offset = found.sample[place + 1] if signs[place + 1 : place + 2] == [")"] else np.nan
        edges = np.array([onset, offset])
        if sign == "p":
            p = edges
        elif sign == "N":
            waves = np.stack([p, edges, np.full(2, np.nan)])
            beats.append((int(found.sample[place]), waves))
            p = np.full(2, np.nan)
        elif beats:
            beats[-1][1][WAVE["t"]] = edges
    return beats


def _median(values: Float[np.ndarray, " beat"]) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")
