"""Doses of time on recordings: waves of each beat, or whole beats of strips, are moved in time."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isnan

import numpy as np
from ecglens.ecg import R_INDEX, Segments
from ecglens.engine import generator
from jaxtyping import Float
from torch import randn

from ..catalogue import Dose
from .dose import MS, Ecg, Edit, Unchangeable
from .time_map import Part, origins, warped

# Samples around the waves that are carried with them, so that no foot is bent.
BEFORE_P, AFTER_T = 5.0, 4.0
# P is carried at most up to here before the onset of QRS: PQ is stretched in what is left.
PQ = 8.0
# Inside of a wave, its first or last samples are carried too. QRS and the end of T are marked this
# far outside the place where a threshold is passed: only the piece between thresholds stretches.
IN_P, IN_QRS_ON, IN_QRS_OFF, IN_T = 3.0, 4.0, 2.0, 15.0
# T is carried from here on after the end of QRS, so that ST has room to stretch.
ST = 20.0
AROUND_T_PEAK = 4.0


def edited(ecg: Ecg, dose: Dose, by: float) -> Edit:
    """ECG with the waves of each beat moved (`by` in ms); Unchangeable without room for it."""
    parts = PARTS[dose.name](ecg, by / MS)
    if not ecg.strip and (first := parts[0]).first + min(first.shift, 0.0) < 0:
        raise Unchangeable("the beat would begin before the signal")
    every = (
        replace(part, first=part.first + at, last=part.last + at)
        for at in (ecg.peaks - R_INDEX).tolist()
        for part in parts
    )
    tau = origins(every, ecg.eight.shape[1])
    return Edit(warped(ecg.eight, tau, ecg.rr), tau)


def _p_wave(marks: Segments, shift: float) -> list[Part]:
    if isnan(marks.p_on):
        return []
    return [Part("P", marks.p_on - BEFORE_P, _p_end(marks), shift)]


def _p_end(marks: Segments) -> float:
    """End of what is carried as P: a gap before QRS remains even if P ends at its onset."""
    return min(marks.p_off, marks.qrs_on - PQ)


def _from_qrs(marks: Segments) -> list[Part]:
    """QRS to the end of T, which stay."""
    end = marks.qrs_off if isnan(marks.t_off) else marks.t_off + AFTER_T
    return [Part("QRS", marks.qrs_on, end, 0.0)]


def _t_foot(marks: Segments, shift: float) -> Part:
    return Part("T", marks.t_off - IN_T, marks.t_off + AFTER_T, shift)


def _pr(ecg: Ecg, k: float) -> list[Part]:
    return [*_p_wave(ecg.marks, -k), *_from_qrs(ecg.marks)]


def _pr_scaled(ecg: Ecg, k: float) -> list[Part]:
    on = ecg.marks.p_on
    return [Part("P", on - BEFORE_P, on + IN_P, -k), *_from_qrs(ecg.marks)]


def _p_duration(ecg: Ecg, k: float) -> list[Part]:
    on, off = ecg.marks.p_on, _p_end(ecg.marks)
    return [
        Part("P", on - BEFORE_P, on + IN_P, 0.0),
        Part("the end of P", off - IN_P, off, k),
        *_from_qrs(ecg.marks),
    ]


def _qrs(ecg: Ecg, k: float) -> list[Part]:
    marks = ecg.marks
    on, off = marks.qrs_on + IN_QRS_ON, marks.qrs_off - IN_QRS_OFF
    if not on < R_INDEX < off:
        raise Unchangeable("no R peak within QRS")  # by more than the marks' margin
    share = k / (off - on)
    first, last = (on - R_INDEX) * share, (off - R_INDEX) * share
    start = marks.qrs_on if isnan(marks.p_on) else marks.p_on - BEFORE_P
    t_on = max(marks.t_on + IN_P, marks.qrs_off + ST)
    return [
        Part("QRS", start, on, first, loose=True),
        Part("R", R_INDEX, R_INDEX, 0.0, loose=True),
        Part("J", off, marks.qrs_off + 1.0, last, loose=True),
        Part("T", t_on, marks.t_off + AFTER_T, first),
    ]


def _qrs_end(ecg: Ecg, k: float) -> list[Part]:
    marks = ecg.marks
    t_on = max(marks.t_on + IN_P, marks.qrs_off + ST)
    return [
        *_p_wave(marks, 0.0),
        Part("R", marks.qrs_on, max(R_INDEX + 3.0, marks.qrs_on + 8.0), 0.0, loose=True),
        Part("J", marks.qrs_off - IN_QRS_OFF, marks.qrs_off + 1.0, k, loose=True),
        Part("T", t_on, marks.t_off + AFTER_T, 0.0),
    ]


def _until_j(marks: Segments) -> list[Part]:
    return [*_p_wave(marks, 0.0), Part("QRS", marks.qrs_on, marks.qrs_off + IN_QRS_OFF, 0.0)]


def _t_shift(ecg: Ecg, k: float) -> list[Part]:
    marks = ecg.marks
    on = max(marks.t_on, marks.qrs_off + ST / 2)
    return [*_until_j(marks), Part("T", on, marks.t_off + AFTER_T, k)]


def _t_stretch(ecg: Ecg, k: float) -> list[Part]:
    marks = ecg.marks
    return [
        *_until_j(marks),
        Part("T", marks.qrs_on, max(marks.t_on, marks.qrs_off + IN_QRS_OFF), 0.0),
        _t_foot(marks, k),
    ]


def _jt(ecg: Ecg, k: float) -> list[Part]:
    return [*_until_j(ecg.marks), _t_foot(ecg.marks, k)]


def _t_peak(ecg: Ecg, k: float) -> list[Part]:
    marks, peak = ecg.marks, t_peak(ecg)
    if isnan(peak):
        raise Unchangeable("no peak within T")
    return [
        *_until_j(marks),
        Part("T", marks.qrs_on, max(marks.t_on, marks.qrs_off + IN_QRS_OFF), 0.0),
        Part("the peak of T", peak - AROUND_T_PEAK, peak + AROUND_T_PEAK, k),
        _t_foot(marks, 0.0),
    ]


def t_peak(ecg: Ecg) -> float:
    """Sample of the beat at which T is largest over the leads; NaN if that is at an end of T."""
    at = 0 if not ecg.strip else int(ecg.peaks[len(ecg.peaks) // 2]) - R_INDEX
    first, last = round(ecg.marks.t_on) + at, round(ecg.marks.t_off) + at
    piece = ecg.eight[:, max(first, 0) : last + 1]
    ends = np.linspace(piece[:, 0], piece[:, -1], piece.shape[1], axis=1)
    size = np.sum((piece - ends) ** 2, axis=0)
    peak = int(np.argmax(size))
    return float(first - at + peak) if 0 < peak < len(size) - 1 else float("nan")


PARTS: Mapping[str, Callable[[Ecg, float], list[Part]]] = {
    "pr": _pr,
    "pr_scaled": _pr_scaled,
    "p_duration": _p_duration,
    "qrs": _qrs,
    "qrs_end": _qrs_end,
    "t_shift": _t_shift,
    "t_stretch": _t_stretch,
    "jt": _jt,
    "t_peak": _t_peak,
}


# Rhythm, on strips: beats keep their samples, only what lies between T and P stretches.
BEFORE_QRS = 20.0  # samples carried with QRS where there is no P
SEED = 0
RHYTHM = ("rate", "irregular", "premature")


def rhythm_edited(ecg: Ecg, dose: Dose, by: float) -> Edit:
    """Strip with its beats at other times; Unchangeable for a median beat or without room."""
    if not ecg.strip:
        raise Unchangeable("a median beat has no rhythm; give strips")
    if len(ecg.peaks) < 4:
        raise Unchangeable(f"{len(ecg.peaks)} beats are too few for a rhythm")
    # Sooner beats need more signal than there is: the strip goes on with its own beats.
    period = int(ecg.peaks[-1] - ecg.peaks[0])
    peaks = np.concatenate((ecg.peaks[:-1] - period, ecg.peaks, ecg.peaks[1:] + period))
    shifts = _shifts(ecg, dose, by, np.diff(peaks).astype(float))
    marks = ecg.marks
    start = marks.qrs_on - BEFORE_QRS if isnan(marks.p_on) else marks.p_on - BEFORE_P
    length = ecg.eight.shape[1]
    beats = (
        Part("beats", start + peak - R_INDEX, marks.t_off + AFTER_T + peak - R_INDEX, shift)
        for peak, shift in zip(peaks.tolist(), shifts.tolist(), strict=True)
    )
    tau, moved = origins(beats, length), np.round(peaks + shifts).astype(int)
    inside = moved[(moved >= 0) & (moved < length)]
    if tau[0] < -period or tau[-1] > length - 1 + period:
        raise Unchangeable("too few beats to fill the strip at this rate")
    now = 6e4 / (float(np.diff(inside).mean()) * MS)
    size = now - ecg.labels["rate"] if dose.label else None
    return Edit(warped(ecg.eight, tau, period, period), tau, size, inside)


def _shifts(
    ecg: Ecg, dose: Dose, by: float, rr: Float[np.ndarray, " interval"]
) -> Float[np.ndarray, " beat"]:
    """Whole samples by which each beat moves; at another rate the beat in the middle stays."""
    middle = (len(rr) + 1) // 2
    if dose.name == "premature":
        return np.where(np.arange(len(rr) + 1) == middle, -np.round(by / 100 * rr[middle - 1]), 0.0)
    if dose.name == "rate":
        old = ecg.labels["rate"]
        if old + by <= 0:
            raise Unchangeable("no rate would be left")
        at = np.concatenate(([0.0], np.cumsum(rr * (old / (old + by) - 1))))
        return np.round(at - at[middle])
    # The strip's first and last beat stay, with what is before and behind them. Changes that are
    # uncorrelated with the strip's own RR add their variance to it.
    count = len(ecg.peaks) - 1
    own = rr[:count] - rr[:count].mean()
    random = randn(count, generator=generator(SEED, "irregular", ecg.name)).numpy().astype(float)
    random -= random.mean() + own * (random @ own) / max(own @ own, 1.0)
    at = np.zeros(len(rr) + 1)
    at[count + 1 : 2 * count + 1] = np.cumsum(by / 100 * rr.mean() * random / random.std())
    return np.round(at)
