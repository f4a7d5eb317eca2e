"""Where the QRS complex begins and ends, on all leads together."""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import uniform_filter1d

from .filters import filtered
from .waves import R_INDEX

# Samples at 500 Hz.
SEARCH = (R_INDEX - 60, R_INDEX + 70)  # holds a QRS complex of 240 ms
SMOOTHING = 7
QUIET_RUN = 6  # the speed stays low for 12 ms: the complex is over, not at a turning point
QRS_HIGH_HZ = 60.0
# Share of the highest speed at which the complex begins and ends, and how far above the beat's
# quietest parts that must be.
ONSET_SHARE, OFFSET_SHARE = 0.04, 0.044
ONSET_QUIET, OFFSET_QUIET = 2.0, 2.5
QUIET_QUANTILE = 0.15
# What certainly belongs to the complex: the walk outwards starts at its ends.
CORE_SHARE = 0.25


def spatial_speed(
    eight: Float[np.ndarray, "8 time"], high_hz: float, smoothing: int
) -> Float[np.ndarray, " time"]:
    """RMS over the leads of the slope below `high_hz`, µV per sample, smoothed."""
    slope = np.gradient(filtered(eight, high_hz=high_hz), axis=1)
    return uniform_filter1d(np.sqrt(np.mean(slope**2, axis=0)), smoothing)


def qrs_edges(eight: Float[np.ndarray, "8 600"]) -> tuple[float, float]:
    """Onset and offset (samples) of the complex at the R peak; NaN where it has no clear edge."""
    speed = spatial_speed(eight, QRS_HIGH_HZ, SMOOTHING)
    low, high = SEARCH
    top = float(speed[low:high].max())
    quiet = float(np.quantile(speed, QUIET_QUANTILE))
    core = low + np.flatnonzero(speed[low:high] > CORE_SHARE * top)
    on = _quiet_before(speed, int(core[0]), max(ONSET_SHARE * top, ONSET_QUIET * quiet))
    after = _quiet_before(
        speed[::-1], len(speed) - 1 - int(core[-1]), max(OFFSET_SHARE * top, OFFSET_QUIET * quiet)
    )
    return on, len(speed) - 1 - after


def _quiet_before(speed: Float[np.ndarray, " time"], start: int, threshold: float) -> float:
    """The last sample before `start` that ends a run of QUIET_RUN samples below the threshold."""
    below = np.cumsum(np.pad(speed[:start] < threshold, (1, 0)))
    runs = np.flatnonzero(below[QUIET_RUN:] - below[:-QUIET_RUN] == QUIET_RUN)
    return float(runs[-1] + QUIET_RUN - 1) if len(runs) else float("nan")
