"""Padding: samples that were not recorded and fill a waveform up to its length."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Real

# Recorders pad typical beats with the smallest (Mortara) or largest (Philips) 16-bit number. At
# 2.5 µV per digit that would be 82 mV, more than an electrode gives.
EXTREMES = (-(2**15), 2**15 - 1)


def unpadded(digits: Real[np.ndarray, "time channel"], declared: Sequence[int] = ()) -> slice:
    """Slice of the samples without the padding at both ends.

    Padding is a sample in which every channel has a declared value or one of the EXTREMES. Raises
    ValueError when nothing is left, and for an extreme within the waveform.
    """
    kept = np.flatnonzero(~np.isin(digits, [*EXTREMES, *declared]).all(axis=1))
    if not len(kept):
        raise ValueError("expected a waveform, got padding alone")
    inside = slice(int(kept[0]), int(kept[-1]) + 1)
    if np.isin(digits[inside], EXTREMES).any():
        raise ValueError("expected every sample, got padding within the waveform")
    return inside
