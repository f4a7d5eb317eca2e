"""Doses of rhythm on strips: beats keep their samples, only what lies between T and P stretches."""

from math import isnan

import numpy as np
from ecglens.ecg import R_INDEX
from ecglens.engine import generator
from jaxtyping import Float
from torch import randn

from ..catalogue import Dose
from .dose import MS, Ecg, Edit, Unchangeable
from .time_map import Part, origins, warped
from .timing import AFTER_T, BEFORE_P

BEFORE_QRS = 20.0  # samples carried with QRS where there is no P
SEED = 0
NAMES = ("rate", "irregular", "premature")


def edited(ecg: Ecg, dose: Dose, by: float) -> Edit:
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
    """Whole samples by which each beat moves; the beat in the middle stays (unless premature)."""
    middle = (len(rr) + 1) // 2
    if dose.name == "premature":
        return np.where(np.arange(len(rr) + 1) == middle, -np.round(by / 100 * rr[middle - 1]), 0.0)
    if dose.name == "rate":
        old = ecg.labels["rate"]
        if old + by <= 0:
            raise Unchangeable("no rate would be left")
        longer = rr * (old / (old + by) - 1)
    else:
        random = randn(len(rr), generator=generator(SEED, "irregular", ecg.name)).numpy()
        random = random.astype(float) - random.mean()
        longer = by / 100 * rr.mean() * random / random.std()
    at = np.concatenate(([0.0], np.cumsum(longer)))
    return np.round(at - at[middle])
