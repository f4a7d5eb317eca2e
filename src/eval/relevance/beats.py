"""The average beat of each ECG: of a strip −300 … +500 ms around its R peaks, of a beat itself."""

import numpy as np
from jaxtyping import Float, Int8

from ...ecg import HOUSE_FS_HZ
from ...ecg.record import BEAT_LENGTH
from ...ecg.waves import R_INDEX, R_PEAK

# P and T of one beat, and neither of the next up to 110 per minute; ours.
BEFORE_MS, AFTER_MS = 300.0, 500.0
BEFORE, AFTER = (round(ms * HOUSE_FS_HZ / 1e3) for ms in (BEFORE_MS, AFTER_MS))


def average_beats(
    values: Float[np.ndarray, "ecg lead time"], segments: Int8[np.ndarray, "ecg time"]
) -> Float[np.ndarray, "ecg lead beat"]:
    """Each ECG's mean over its beats, the R peak at `r_of` its samples; a median beat is one.

    Only windows that lie within the strip are taken: a beat cut off would weigh its middle more
    than its ends. NaN for a strip without such a window.
    """
    if values.shape[2] == BEAT_LENGTH:
        return values.astype(np.float64)
    return np.stack([_mean_beat(*one) for one in zip(values, segments, strict=True)])


def r_of(time: int) -> int:
    """The sample of the R peak in an average beat of ECGs of this length."""
    return R_INDEX if time == BEAT_LENGTH else BEFORE


def _mean_beat(
    values: Float[np.ndarray, "lead time"], segments: Int8[np.ndarray, " time"]
) -> Float[np.ndarray, "lead beat"]:
    peaks = np.flatnonzero(segments & R_PEAK)
    whole = peaks[(peaks >= BEFORE) & (peaks + AFTER < values.shape[1])]
    around = np.arange(-BEFORE, AFTER + 1)
    if not len(whole):
        return np.full((len(values), len(around)), np.nan)
    return values[:, whole[:, None] + around].mean(1, dtype=np.float64)
