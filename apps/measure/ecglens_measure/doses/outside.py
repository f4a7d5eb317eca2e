"""Doses of everything else: what lies outside the waves, and signals that a recorder may add."""

from collections.abc import Callable, Mapping
from math import isnan

import numpy as np
from ecglens.ecg import R_INDEX, Segments
from jaxtyping import Float

from .dose import Dose, Ecg, Edit
from .timing import AFTER_T, BEFORE_P

BEFORE_QRS = 4.0  # samples of the level before QRS that stay
SPIKE_BEFORE = 20.0  # samples before P, or four times this before QRS where there is no P
SPIKE = (1.0, -0.3)  # of a pacing pulse in two samples, as a recorder at 500 Hz spreads it
CALIBRATION = (130, 30)  # samples before the end of the signal: 1 mV for 200 ms on paper
DOSES = (
    Dose(
        "outside_waves",
        "%",
        (50.0, 100.0),
        "between T and P, and between P and QRS, each lead becomes a line",
        None,
        (),
        "disturbance",
        ("QRS", "T"),
    ),
    Dose(
        "spike",
        "µV",
        (200.0, 1000.0),
        "a pacing spike 40 ms before P",
        None,
        (),
        "disturbance",
        ("QRS",),
    ),
    Dose(
        "calibration",
        "µV",
        (200.0, 1000.0),
        "a pulse of 200 ms near the end of the signal",
        None,
        (),
        "disturbance",
    ),
)


def edited(ecg: Ecg, dose: Dose, by: float) -> Edit:
    """ECG with what lies outside its waves changed."""
    return Edit(CHANGES[dose.name](ecg, by), size=by)


def waves_mask(marks: Segments, peaks: np.ndarray, length: int) -> np.ndarray:
    """Mask of the samples of P and of QRS to T, with what is carried around them."""
    mask = np.zeros(length, bool)
    for peak in peaks:
        at = int(peak) - R_INDEX
        for first, last in (
            (marks.p_on - BEFORE_P, marks.p_off),
            (marks.qrs_on - BEFORE_QRS, marks.t_off + AFTER_T),
        ):
            if not isnan(first):
                mask[max(round(first) + at, 0) : max(round(last) + at + 1, 0)] = True
    return mask


def _flat(ecg: Ecg, by: float) -> Float[np.ndarray, "8 time"]:
    mask = waves_mask(ecg.marks, ecg.peaks, ecg.eight.shape[1])
    samples, inside = np.arange(len(mask)), np.flatnonzero(mask)
    line = np.stack([np.interp(samples, inside, lead[inside]) for lead in ecg.eight])
    return ecg.eight + by / 100 * (line - ecg.eight)


def _spike(ecg: Ecg, by: float) -> Float[np.ndarray, "8 time"]:
    marks, found = ecg.marks, ecg.eight.copy()
    first = marks.qrs_on - 4 * SPIKE_BEFORE if isnan(marks.p_on) else marks.p_on - SPIKE_BEFORE
    for peak in ecg.peaks:
        for step, share in enumerate(SPIKE):
            place = round(first) + int(peak) - R_INDEX + step
            if 0 <= place < found.shape[1]:
                found[:, place] += share * by
    return found


def _pulse(ecg: Ecg, by: float) -> Float[np.ndarray, "8 time"]:
    found = ecg.eight.copy()
    found[:, -CALIBRATION[0] : -CALIBRATION[1]] += by
    return found


CHANGES: Mapping[str, Callable[[Ecg, float], Float[np.ndarray, "8 time"]]] = {
    "outside_waves": _flat,
    "spike": _spike,
    "calibration": _pulse,
}
