"""Where a quantity that has been high falls silent."""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import uniform_filter1d


def speed(slow: Float[np.ndarray, "lead time"], smoothing: int) -> Float[np.ndarray, " time"]:
    """How fast the heart's vector moves: RMS over the leads of the slope, µV per sample.

    Averaged over `smoothing` samples. It is high within a wave, whichever leads show it, and low
    between waves.
    """
    slope = np.gradient(slow, axis=1)
    return uniform_filter1d(np.sqrt(np.mean(slope**2, axis=0)), smoothing, mode="nearest")


def first_quiet(values: Float[np.ndarray, " time"], threshold: float, run: int) -> float:
    """First of the first `run` samples in a row below the threshold; NaN when there are none."""
    below = np.cumsum(np.pad(values < threshold, (1, 0)))
    starts = np.flatnonzero(below[run:] - below[:-run] == run)
    return float(starts[0]) if len(starts) else float("nan")
