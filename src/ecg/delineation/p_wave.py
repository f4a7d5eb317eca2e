"""Onset, peak and offset of the P wave, on all leads together."""

from dataclasses import dataclass
from math import nan

import numpy as np
from jaxtyping import Float

from ..beats.alignment import median_of
from ..filters import filtered
from ..record import FS_HZ
from .edges import first_quiet, lower_quantile, speed

# Chosen on the development records of LUDB, as are the next three.
P_HIGH_HZ = 30.0
SMOOTHING = 8
QUIET_RUN = 6
# Share of the wave's highest speed above the quiet parts at which it begins and ends.
EDGE_SHARE = 0.20
CORE_SHARE = 0.4
# P is searched for within this before QRS; it usually peaks 100 ms before QRS, ± 120 ms.
REACH_S, USUAL_S, SPREAD_S = 0.42, 0.10, 0.12
HALF_WIDTH_S = 0.11


@dataclass(frozen=True)
class PWave:
    """Fiducial points of P in samples of the beat, NaN without a P wave."""

    on: float = nan
    peak: float = nan
    off: float = nan


def p_wave(above: Float[np.ndarray, "lead 600"], qrs_on: float, earliest: float) -> PWave:
    """P wave between `earliest` (the end of the T wave before) and QRS onset."""
    fs = FS_HZ
    low, end = int(max(5, earliest, qrs_on - REACH_S * fs)), int(qrs_on - 2)
    high = int(qrs_on - 0.03 * fs)
    if high - low < 0.07 * fs:
        return PWave()
    # Without QRS, which the filter would smear into P.
    slow = filtered(above[:, : end + 1], high_hz=P_HIGH_HZ)
    samples = np.arange(low, end)
    usual = np.exp(-0.5 * ((samples - (qrs_on - USUAL_S * fs)) / (SPREAD_S * fs)) ** 2)
    peak = low
    for _ in range(2):  # the second time with a level closer to the wave that was found
        start = max(low, peak - round(HALF_WIDTH_S * fs))
        before = median_of(slow[:, start : start + 8].T)[:, None]
        after = median_of(slow[:, end - 4 : end].T)[:, None]
        share = np.clip((samples - start - 4) / max(1, end - start - 8), 0.0, 1.0)
        line = before * (1 - share) + after * share
        height = np.sqrt(np.mean((slow[:, low:end] - line) ** 2, axis=0))
        peak = low + 10 + int(np.argmax((height * usual)[10 : high - low]))
    fast = speed(slow, SMOOTHING)
    return PWave(
        on=peak - 1 - _edge(fast[low:peak][::-1]),
        peak=float(peak),
        off=peak + _edge(fast[peak:end]),
    )


def _edge(fast: Float[np.ndarray, " outwards"]) -> float:
    """Samples from the peak outwards to where the wave's slope has died down."""
    near = fast[: round(HALF_WIDTH_S * FS_HZ)]
    quiet, top = lower_quantile(fast, 0.1), float(near.max())
    core = int(np.flatnonzero(near >= quiet + CORE_SHARE * (top - quiet))[-1])
    edge = first_quiet(fast[core:], quiet + EDGE_SHARE * (top - quiet), QUIET_RUN)
    return core + edge if edge == edge else float(len(fast) - 1)
