"""Samples that were never recorded: what fills a waveform up to its length."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Real

# The ends of 16 bits, which recorders fill typical beats up with (Mortara the lower, Philips the
# upper one); at 2.5 µV per digit no electrode gives the 82 mV that they would be.
EXTREMES = (-(2**15), 2**15 - 1)


def unpadded(digits: Real[np.ndarray, "time channel"], declared: Sequence[int] = ()) -> slice:
    """The samples between those at both ends in which every channel holds padding.

    Padding is a declared value and, declared or not, one of the EXTREMES. Raises ValueError when
    nothing is left, or when an extreme stands within the waveform.
    """
    kept = np.flatnonzero(~np.isin(digits, [*EXTREMES, *declared]).all(axis=1))
    if not len(kept):
        raise ValueError("expected a waveform, got padding alone")
    inside = slice(int(kept[0]), int(kept[-1]) + 1)
    if np.isin(digits[inside], EXTREMES).any():
        raise ValueError("expected every sample, got padding within the waveform")
    return inside
