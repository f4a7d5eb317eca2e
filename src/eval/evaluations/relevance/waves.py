"""Relevance by wave and lead: P, PQ, QRS, ST, T and TP, what is no other."""

import numpy as np
from jaxtyping import Bool, Float, Int8

from ....ecg import WAVES
from ..sanity.correlation import wave_sums

SEGMENTS = (*WAVES, "TP")


def shares(
    maps: Float[np.ndarray, "ecg lead time"], segments: Int8[np.ndarray, "ecg time"]
) -> Float[np.ndarray, "ecg lead segment"]:
    """Share of Σ |map| in each segment of each lead; NaN for a segment that the ECG lacks.

    A fiducial point belongs to both segments it divides, so that the sum is a little above 1.
    """
    magnitude = np.abs(maps.astype(np.float64))
    whole = magnitude.sum((1, 2))[:, None, None]
    sums = wave_sums(magnitude, segments)
    return np.divide(sums, whole, out=np.full(sums.shape, np.nan), where=whole > 0)


def signed_means(
    maps: Float[np.ndarray, "ecg lead time"], segments: Int8[np.ndarray, "ecg time"]
) -> Float[np.ndarray, "ecg lead segment"]:
    """Mean of the map per sample of each segment, with its sign; NaN where there is none."""
    samples = wave_sums(np.ones((len(maps), 1, maps.shape[2])), segments)
    return wave_sums(maps.astype(np.float64), segments) / samples


def concordant(
    x: Float[np.ndarray, "ecg lead time"], segments: Int8[np.ndarray, "ecg time"]
) -> Bool[np.ndarray, "ecg lead"]:
    """The leads in which T points where QRS does, by their areas above the lead's median.

    False where the ECG lacks one of them. In left bundle branch block T is discordant (Surawicz
    2009).
    """
    middle = np.median(x, axis=2, keepdims=True)
    areas = wave_sums(x.astype(np.float64) - middle, segments)
    return areas[:, :, SEGMENTS.index("QRS")] * areas[:, :, SEGMENTS.index("T")] > 0
