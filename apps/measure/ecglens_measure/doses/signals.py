"""Axis, gain, noise, filters, faults of leads, shift in time, and what lies outside the waves.

They are true by construction on every ECG, exact or recorded; what they do to our own reading of
the intervals is recorded and refuses nothing.
"""

from collections.abc import Callable, Mapping
from math import isnan

import numpy as np
from ecglens.ecg import FS_HZ, INDEPENDENT, R_INDEX, filtered, resampled, turned
from ecglens.engine import generator
from jaxtyping import Float
from scipy.signal import filtfilt, iirnotch
from torch import rand, randn

from ..catalogue import Dose
from .dose import MS, Ecg, Edit, Unchangeable
from .time_map import warped
from .timing import AFTER_T, BEFORE_P

Eight = Float[np.ndarray, "8 time"]
SEED = 0  # of noise; with the ECG's name it gives the same noise at every size and in any batch
MUSCLE_HZ = (20.0, 150.0)  # the band of surface EMG that an ECG recorder lets through
MAINS_HZ = 50.0
WANDER_HZ = (0.15, 0.40)  # 9 to 24 breaths a minute
NOTCH_Q = 30.0  # of the mains filter: 1.7 Hz wide at 50 Hz, as recorders have it
ENDS = 100  # samples: the first and last 200 ms
BEFORE_QRS = 4.0  # samples of the level before QRS that stay
SPIKE_BEFORE = 20.0  # samples before P, or four times this before QRS where there is no P
SPIKE = (1.0, -0.3)  # of a pacing pulse in two samples, as a recorder at 500 Hz spreads it
CALIBRATION = (130, 30)  # samples before the end of the signal: 1 mV for 200 ms on paper


def edited(ecg: Ecg, dose: Dose, by: float) -> Edit:
    """ECG with the disturbance or fault."""
    return Edit(CHANGES[dose.name](ecg, by))


def _axis(ecg: Ecg, by: float) -> Eight:
    return np.concatenate((turned(ecg.eight[:2].T, by).T, ecg.eight[2:]))


def _gain(ecg: Ecg, by: float) -> Eight:
    if by <= -100:
        raise Unchangeable("no signal would be left")
    return ecg.eight * (1 + by / 100)


def _offset(ecg: Ecg, by: float) -> Eight:
    return ecg.eight + by


def _muscle(ecg: Ecg, by: float) -> Eight:
    white = randn(ecg.eight.shape, generator=generator(SEED, "noise_muscle", ecg.name))
    noise = filtered(white.numpy().astype(float), *MUSCLE_HZ)
    return ecg.eight + by * noise / np.sqrt(np.mean(noise**2, axis=1, keepdims=True))


def _mains(ecg: Ecg, by: float) -> Eight:
    phases = rand((8, 1), generator=generator(SEED, "noise_mains", ecg.name)).numpy()
    return ecg.eight + _sine(by, MAINS_HZ, phases, ecg.eight.shape[1])


def _wander(ecg: Ecg, by: float) -> Eight:
    phase, share = rand((2,), generator=generator(SEED, "wander", ecg.name)).tolist()
    hz = WANDER_HZ[0] + share * (WANDER_HZ[1] - WANDER_HZ[0])
    return ecg.eight + _sine(by, hz, np.full((8, 1), phase), ecg.eight.shape[1])


def _sine(rms: float, hz: float, phases: np.ndarray, length: int) -> Eight:
    return np.sqrt(2) * rms * np.sin(2 * np.pi * (hz / FS_HZ * np.arange(length) + phases))


def _shift(ecg: Ecg, by: float) -> Eight:
    return warped(ecg.eight, np.arange(ecg.eight.shape[1]) - by / MS, ecg.rr)


def _ends(ecg: Ecg, by: float) -> Eight:
    found = ecg.eight.copy()
    for piece, level in ((slice(0, ENDS), ENDS), (slice(-ENDS, None), -ENDS - 1)):
        found[:, piece] += by / 100 * (ecg.eight[:, [level]] - ecg.eight[:, piece])
    return found


def _ends_level(ecg: Ecg, by: float) -> Eight:
    found = ecg.eight.copy()
    found[:, :ENDS] += by
    found[:, -ENDS:] += by
    return found


def _flat(ecg: Ecg, by: float) -> Eight:
    # True on P and from QRS to T, with what is carried around them.
    marks, mask = ecg.marks, np.zeros(ecg.eight.shape[1], bool)
    for peak in ecg.peaks:
        at = int(peak) - R_INDEX
        for first, last in (
            (marks.p_on - BEFORE_P, marks.p_off),
            (marks.qrs_on - BEFORE_QRS, marks.t_off + AFTER_T),
        ):
            if not isnan(first):
                mask[max(round(first) + at, 0) : max(round(last) + at + 1, 0)] = True
    samples, inside = np.arange(len(mask)), np.flatnonzero(mask)
    line = np.stack([np.interp(samples, inside, lead[inside]) for lead in ecg.eight])
    return ecg.eight + by / 100 * (line - ecg.eight)


def _spike(ecg: Ecg, by: float) -> Eight:
    marks, found = ecg.marks, ecg.eight.copy()
    first = marks.qrs_on - 4 * SPIKE_BEFORE if isnan(marks.p_on) else marks.p_on - SPIKE_BEFORE
    for peak in ecg.peaks:
        for step, share in enumerate(SPIKE):
            place = round(first) + int(peak) - R_INDEX + step
            if 0 <= place < found.shape[1]:
                found[:, place] += share * by
    return found


def _pulse(ecg: Ecg, by: float) -> Eight:
    found = ecg.eight.copy()
    found[:, -CALIBRATION[0] : -CALIBRATION[1]] += by
    return found


def _passed(low_hz: float, high_hz: float) -> Callable[[Ecg, float], Eight]:
    return lambda ecg, _: filtered(ecg.eight, low_hz, high_hz)


def _notch(ecg: Ecg, _: float) -> Eight:
    return filtfilt(*iirnotch(MAINS_HZ, NOTCH_Q, FS_HZ), ecg.eight, axis=1)


def _sampled(hz: float) -> Callable[[Ecg, float], Eight]:
    def change(ecg: Ecg, _: float) -> Eight:
        back = resampled(resampled(ecg.eight, FS_HZ, hz), hz, FS_HZ)
        return back[:, : ecg.eight.shape[1]]

    return change


def _leads(matrix: Mapping[str, Mapping[str, float]]) -> Callable[[Ecg, float], Eight]:
    """Leads as sums of others: {"I": {"I": −1}}; those that are not named stay."""
    whole = np.eye(8)
    for lead, parts in matrix.items():
        row = INDEPENDENT.index(lead)
        whole[row] = 0.0
        for other, weight in parts.items():
            whole[row, INDEPENDENT.index(other)] = weight
    return lambda ecg, _: whole @ ecg.eight


def _exchanged(one: str, other: str) -> Callable[[Ecg, float], Eight]:
    return _leads({one: {other: 1.0}, other: {one: 1.0}})


CHANGES: Mapping[str, Callable[[Ecg, float], Eight]] = {
    "axis": _axis,
    "gain": _gain,
    "offset": _offset,
    "noise_muscle": _muscle,
    "noise_mains": _mains,
    "wander": _wander,
    "shift": _shift,
    "ends": _ends,
    "ends_level": _ends_level,
    "lowpass_40": _passed(0.0, 40.0),
    "lowpass_25": _passed(0.0, 25.0),
    "highpass_05": _passed(0.5, 0.0),
    "highpass_1": _passed(1.0, 0.0),
    "notch_50": _notch,
    "resample_250": _sampled(250.0),
    "resample_100": _sampled(100.0),
    "inverted": lambda ecg, _: -ecg.eight,
    # I becomes −I and II becomes III = II − I.
    "swap_limb": _leads({"I": {"I": -1.0}, "II": {"I": -1.0, "II": 1.0}}),
    # I and II change places, III becomes −III.
    "swap_leg": _exchanged("I", "II"),
    "swap_v1_v2": _exchanged("V1", "V2"),
    "swap_v3_v4": _exchanged("V3", "V4"),
    "outside_waves": _flat,
    "spike": _spike,
    "calibration": _pulse,
    **{f"lead_off_{lead}": _leads({lead: {}}) for lead in INDEPENDENT},
}
