"""The average beat of each ECG: of a strip −300 … +500 ms around its R peaks, of a beat itself."""

import numpy as np
from jaxtyping import Float, Int8

from ....ecg import BEAT_LENGTH, R_INDEX, R_PEAK
from ...heatmaps.beat_window import BEFORE, MOMENTS, windows


def average_beats(
    values: Float[np.ndarray, "ecg lead time"], segments: Int8[np.ndarray, "ecg time"]
) -> Float[np.ndarray, "ecg lead beat"]:
    """Each ECG's mean over its beats, the R peak at `r_of` its samples; a median beat is one.

    Only beats whose window lies within the strip are taken. NaN for a strip without one.
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
    cuts = windows(values, np.flatnonzero(segments & R_PEAK))
    if not cuts.shape[1]:
        return np.full((len(values), len(MOMENTS)), np.nan)
    return cuts.mean(1, dtype=np.float64)
