"""Where the P wave begins and ends, on all leads together."""

from dataclasses import dataclass
from math import nan

import numpy as np
from jaxtyping import Float

from .filters import filtered
from .qrs import spatial_speed
from .record import HOUSE_FS_HZ

P_HIGH_HZ = 25.0
SMOOTHING = 6
ONSET_SHARE = 0.30
QUIET_RUN = 4


@dataclass(frozen=True)
class PWave:
    """Samples of the beat; NaN where there is none. `height` is the RMS over leads in µV."""

    on: float = nan
    peak: float = nan
    off: float = nan
    height: float = nan


def p_wave(eight: Float[np.ndarray, "8 600"], qrs_on: float, earliest: float) -> PWave:
    """P wave between `earliest` (the end of the T wave before) and QRS onset."""
    fs = HOUSE_FS_HZ
    low = int(max(10, earliest, qrs_on - 0.42 * fs))
    high, end = int(qrs_on - 0.03 * fs), int(qrs_on - 2)
    if high - low < 0.07 * fs:
        return PWave()
    slow = filtered(eight, high_hz=P_HIGH_HZ)
    samples = np.arange(low, end)
    usual = np.exp(-0.5 * ((samples - (qrs_on - 0.10 * fs)) / (0.12 * fs)) ** 2)
    peak = low
    for _ in range(2):  # the second time the level is taken nearer to the wave that was found
        start = max(low, peak - int(0.12 * fs))
        before = np.median(slow[:, start : start + 8], axis=1, keepdims=True)
        after = np.median(slow[:, end - 4 : end], axis=1, keepdims=True)
        share = np.clip((samples - start - 4) / max(1, end - start - 8), 0.0, 1.0)
        height = np.sqrt(np.mean((slow[:, low:end] - before * (1 - share) - after * share) ** 2, 0))
        weighted = height * usual
        peak = low + 10 + int(np.argmax(weighted[10 : high - low]))
    speed = spatial_speed(eight, P_HIGH_HZ, SMOOTHING)
    first = max(low, peak - int(0.11 * fs))
    on = _edge(speed[low:peak][::-1], peak - first)
    off = _edge(speed[peak:end], end - peak)
    return PWave(
        on=peak - 1 - on,
        peak=float(peak),
        off=min(peak + off, qrs_on),
        height=float(height[peak - low]),
    )


def _edge(speed: Float[np.ndarray, " outwards"], reach: int) -> float:
    """Samples from the peak outwards to where the wave's slope has died down."""
    if len(speed) < QUIET_RUN:
        return nan
    quiet, top = float(np.quantile(speed, 0.1)), float(speed[:reach].max())
    steep = int(np.flatnonzero(speed[:reach] > quiet + 0.4 * (top - quiet))[-1])
    below = np.cumsum(np.pad(speed[steep:] < quiet + ONSET_SHARE * (top - quiet), (1, 0)))
    runs = np.flatnonzero(below[QUIET_RUN:] - below[:-QUIET_RUN] == QUIET_RUN)
    return float(steep + runs[0]) if len(runs) else float(len(speed) - 1)
