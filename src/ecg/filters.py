"""Filters without phase shift, and another sampling rate."""

from fractions import Fraction
from functools import lru_cache

import numpy as np
from jaxtyping import Float
from scipy.fft import dct, idct
from scipy.signal import resample_poly

from .record import HOUSE_FS_HZ


@lru_cache(maxsize=64)
def butterworth_gain(length: int, low_hz: float, high_hz: float) -> Float[np.ndarray, " frequency"]:
    """Gain of a second-order Butterworth filter run forwards and backwards, per DCT frequency."""
    hz = np.arange(length) * (HOUSE_FS_HZ / 2 / length)
    gain = np.ones(length)
    if low_hz:
        gain *= hz**4 / (hz**4 + low_hz**4)
    if high_hz:
        gain /= 1.0 + (hz / high_hz) ** 4
    gain.flags.writeable = False  # one array for every caller
    return gain


def filtered(
    signal: Float[np.ndarray, "*lead time"], low_hz: float = 0.0, high_hz: float = 0.0
) -> Float[np.ndarray, "*lead time"]:
    """What lies above `low_hz` and below `high_hz` (0: no such limit) of a signal at 500 Hz.

    Second-order Butterworth in both directions: no phase shift, so that no wave is moved or given
    an overshoot on one side. The cosine transform continues the signal by its mirror image, so that
    nothing jumps at the ends.
    """
    gain = butterworth_gain(signal.shape[-1], low_hz, high_hz)
    return np.asarray(idct(np.asarray(dct(signal, axis=-1)) * gain, axis=-1))


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
