"""Filters without phase shift, and another sampling rate."""

from fractions import Fraction
from functools import lru_cache

import numpy as np
from jaxtyping import Float
from scipy.signal import butter, resample_poly, sosfiltfilt

from .record import HOUSE_FS_HZ


@lru_cache(maxsize=32)
def _sections(low_hz: float, high_hz: float, order: int) -> Float[np.ndarray, "section 6"]:
    if low_hz and high_hz:
        return butter(order, (low_hz, high_hz), "bandpass", fs=HOUSE_FS_HZ, output="sos")
    if low_hz:
        return butter(order, low_hz, "highpass", fs=HOUSE_FS_HZ, output="sos")
    return butter(order, high_hz, "lowpass", fs=HOUSE_FS_HZ, output="sos")


def filtered(
    signal: Float[np.ndarray, "*lead time"], low_hz: float = 0.0, high_hz: float = 0.0
) -> Float[np.ndarray, "*lead time"]:
    """What lies above `low_hz` and below `high_hz` (0: no such limit) of a signal at 500 Hz.

    Second-order Butterworth, forwards and backwards: no phase shift, so no wave is moved or given
    an overshoot on one side only.
    """
    return sosfiltfilt(_sections(low_hz, high_hz, 2), signal, axis=-1)


def without_wander(signal: Float[np.ndarray, "*lead time"]) -> Float[np.ndarray, "*lead time"]:
    """The signal above 0.5 Hz, at 500 Hz.

    Breathing and electrodes move the baseline by more than the ST segment deviates. A filter
    without phase shift may cut at up to 0.67 Hz without distorting ST (Kligfield et al. 2007);
    0.5 Hz leaves room for a slow heart.
    """
    return filtered(signal, low_hz=0.5)


def resampled(
    signal: Float[np.ndarray, "*lead time"], fs: float, to: float = HOUSE_FS_HZ
) -> Float[np.ndarray, "*lead new_time"]:
    """The signal at another rate (Hz) by polyphase filtering; the same array when nothing changes.

    The ends are continued along a line, so that an offset makes no step there.
    """
    if fs == to:
        return signal
    ratio = Fraction(to / fs).limit_denominator(1000)
    return resample_poly(signal, ratio.numerator, ratio.denominator, axis=-1, padtype="line")
