"""Filters without phase shift, and resampling."""

from fractions import Fraction
from functools import lru_cache
from math import ceil

import numpy as np
from jaxtyping import Float

from .waves import FS_HZ


@lru_cache(maxsize=64)
def butterworth_gain(length: int, low_hz: float, high_hz: float) -> Float[np.ndarray, " frequency"]:
    """Gain per DCT frequency of a second-order Butterworth filter, forwards and backwards."""
    hz = np.arange(length) * (FS_HZ / 2 / length)
    gain = np.ones(length)
    if low_hz:
        gain *= hz**4 / (hz**4 + low_hz**4)
    if high_hz:
        gain /= 1.0 + (hz / high_hz) ** 4
    gain.flags.writeable = False  # all callers share the array
    return gain


def filtered(
    signal: Float[np.ndarray, "*lead time"], low_hz: float = 0.0, high_hz: float = 0.0
) -> Float[np.ndarray, "*lead time"]:
    """Signal at 500 Hz between `low_hz` and `high_hz` (0: no limit).

    Second-order Butterworth filter in both directions: without phase shift, no wave is moved or has
    an overshoot on one side. The cosine transform continues the signal by its mirror image, so that
    there is no discontinuity at the ends.
    """
    from scipy.fft import dct, idct

    gain = butterworth_gain(signal.shape[-1], low_hz, high_hz)
    return np.asarray(idct(np.asarray(dct(signal, axis=-1)) * gain, axis=-1))


def without_wander(signal: Float[np.ndarray, "*lead time"]) -> Float[np.ndarray, "*lead time"]:
    """Signal above 0.5 Hz, at 500 Hz.

    Breathing and electrodes move the baseline by more than an ST deviation. A filter without phase
    shift may cut at up to 0.67 Hz without distorting ST (Kligfield et al. 2007); 0.5 Hz is safe for
    a slow heart.
    """
    return filtered(signal, low_hz=0.5)


def resampled(
    signal: Float[np.ndarray, "*lead time"], fs: float, to: float = FS_HZ
) -> Float[np.ndarray, "*lead new_time"]:
    """Signal at the rate `to` (Hz) by polyphase filtering; the same array at an equal rate.

    The ends are continued along a line, so that an offset makes no step there.
    """
    from scipy.signal import resample_poly

    if fs == to:
        return signal
    ratio = Fraction(to / fs).limit_denominator(1000)
    return resample_poly(signal, ratio.numerator, ratio.denominator, axis=-1, padtype="line")


def resampling_adjoint(
    gradient: Float[np.ndarray, "*lead new_time"], fs: float, length: int, to: float = FS_HZ
) -> Float[np.ndarray, "*lead {length}"]:
    """Gradient with respect to `length` samples at `fs` Hz, from one at the rate `to`.

    The adjoint A' of A = `resampled`, ⟨Ax, y⟩ = ⟨x, A'y⟩: the chain rule through the resampling.
    The filter is symmetric and the same in both directions, so that A' resamples back and
    multiplies by the ratio; parts beyond the ends go to the two samples that define the line there.
    """
    from scipy.signal import resample_poly

    if fs == to:
        return gradient
    ratio = Fraction(to / fs).limit_denominator(1000)
    up, down = ratio.numerator, ratio.denominator
    # SciPy's filter has ten samples of the lower rate on each side.
    blocks = ceil((10 * max(up, down) / up + 1) / down)
    margin = blocks * down  # recorded samples, a whole number of blocks
    beyond = [*[(0, 0)] * (gradient.ndim - 1), (blocks * up, blocks * up)]
    whole = resample_poly(np.pad(gradient, beyond), down, up, axis=-1) * (up / down)
    found = whole[..., margin : margin + length].copy()
    before, behind = whole[..., :margin], whole[..., margin + length : 2 * margin + length]
    steps = np.arange(1, margin + 1) / (length - 1)
    rising, falling = before @ steps[::-1], behind @ steps[: behind.shape[-1]]
    found[..., 0] += before.sum(axis=-1) + rising - falling
    found[..., -1] += behind.sum(axis=-1) + falling - rising
    return found
