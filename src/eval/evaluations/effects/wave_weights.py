"""The waves of an ECG as weights that fade out beyond their ends; our own definition."""

from typing import Any

import numpy as np
from jaxtyping import Float, Float64, Int8
from scipy.ndimage import distance_transform_edt

from ....ecg import BIT, FS_HZ

# As far as a sample belongs to a fiducial point (ecg.edge_mask).
FADE_MS = 20.0


def weights(
    segments: Int8[np.ndarray, " time"], fs_hz: float = FS_HZ
) -> Float64[np.ndarray, "wave time"]:
    """Weights of P, PQ, QRS, ST and T: 1 within, along a raised cosine to 0 at 20 ms from the ends.

    All 0 for a wave that the ECG does not have.
    """
    fade = FADE_MS * fs_hz / 1e3
    found = np.zeros((len(BIT), len(segments)))
    for row, bit in zip(found, BIT.values(), strict=True):
        outside = (segments & bit) == 0
        if not outside.all():
            away: Any = distance_transform_edt(outside)
            row[:] = (1 + np.cos(np.pi * np.minimum(away, fade) / fade)) / 2
    return found


def relevance(
    maps: Float[np.ndarray, "ecg lead time"], waves: Float64[np.ndarray, "ecg wave time"]
) -> Float64[np.ndarray, "ecg lead_and_all wave"]:
    """Σ w·|a| of each wave in each lead, then in all together; NaN for a wave that is not there."""
    sums = np.abs(maps).astype(np.float64) @ waves.transpose(0, 2, 1)
    sums = np.concatenate([sums, sums.sum(1, keepdims=True)], 1)
    return np.where(np.any(waves, axis=2)[:, None, :], sums, np.nan)
