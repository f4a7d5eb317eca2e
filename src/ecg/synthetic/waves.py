"""Waves that are exactly zero outside their support, and signals made of them."""

import numpy as np
from jaxtyping import Float, Int


def bumps(
    waves: Int[np.ndarray, "wave 3"], samples: Int[np.ndarray, " time"]
) -> Float[np.ndarray, "wave time"]:
    """Raised cosines of height 1 over each (onset, peak, offset), exactly zero outside."""
    on, peak, off = (waves[:, edge, None].astype(float) for edge in range(3))
    width = np.where(samples < peak, peak - on, off - peak)
    distance = np.minimum(np.abs(samples - peak) / width, 1.0)
    return 0.5 * (1.0 + np.cos(np.pi * distance)) * (distance < 1.0)


def laid(
    waves: Int[np.ndarray, "wave 3"],
    field: Float[np.ndarray, "wave 8"],
    places: Int[np.ndarray, " place"],
    length: int,
) -> Float[np.ndarray, "8 length"]:
    """Signal of the waves at every place, with their amplitudes in each lead; overlaps are summed.

    `waves` are samples relative to a place.
    """
    first, last = int(waves[:, 0].min()), int(waves[:, 2].max())
    beat = field.T @ bumps(waves, np.arange(first, last + 1))
    signal = np.zeros((field.shape[1], length))
    for place in places:
        start = int(place) + first
        low, high = max(start, 0), min(start + beat.shape[1], length)
        if low < high:
            signal[:, low:high] += beat[:, low - start : high - start]
    return signal
