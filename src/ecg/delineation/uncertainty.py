"""Uncertainty of measurements, from balanced half-samples of leads and beats."""

from collections.abc import Mapping
from math import inf, nan, pi, sqrt

import numpy as np

from ..beats.alignment import median_of_few
from ..beats.median_beat import Beat
from ..leads import INDEPENDENT_INDEX, V5
from .fiducial_points import delineated
from .reading import read

# Neighbouring independent leads are pairs (I and II, V1 and V2, …), and so are successive beats. A
# half-sample takes the first (0) or the second (1) of each even and of each odd pair. Each lead and
# each beat is in two of the four half-samples.
LEAD_HALVES = ((0, 0), (1, 1), (0, 1), (1, 0))
BEAT_HALVES = ((0, 0), (0, 1), (1, 1), (1, 0))
V5_ROW = INDEPENDENT_INDEX.index(V5)
# SD of the rounding of an edge to a sample, in samples.
ROUNDING = 1 / sqrt(12)
# SD of a normal distribution over its mean absolute deviation.
OF_MEAN_ABSOLUTE = sqrt(pi / 2)


def uncertainty(beat: Beat, rr: float, numbers: Mapping[str, float], ms: float) -> dict[str, float]:
    """SD of each of `numbers` (reading.read), in its unit; `rr` in samples of `ms`.

    Half of the leads and half of the beats are measured, four times. For a mean, a balanced
    half-sample differs from the whole by the standard error of the whole (McCarthy 1969, Rev Int
    Stat Inst 37:239): the SD is large if leads or beats disagree. It does not include an error that
    all of them share. A given beat has no single beats; only its leads are halved. An interval has
    at least the rounding error of its two edges. The SD is infinite if two or more half-samples do
    not show the wave, and NaN if the measurement is NaN. Departure from the source: mean absolute
    difference times the normal distribution's 1.25, not RMS, so that a single half-sample without
    the wave does not decide.
    """
    halves = [_half(beat, *which, rr, ms) for which in zip(LEAD_HALVES, BEAT_HALVES, strict=True)]
    found = {}
    for name, whole in numbers.items():
        moved = np.array([half[name] for half in halves]) - whole
        known = moved[~np.isnan(moved)]
        least = ROUNDING * ms * sqrt(2) if name in ("pr", "qrs", "qt", "qt_tangent") else 0.0
        if np.isnan(whole):
            found[name] = nan
        elif 2 * len(known) <= len(moved):
            found[name] = inf
        else:
            found[name] = sqrt(OF_MEAN_ABSOLUTE**2 * float(np.abs(known).mean()) ** 2 + least**2)
    return found


def rate_sd(beat: Beat) -> float:
    """Standard error of the mean rate in 1/min, from the scatter of RR; NaN for fewer than two."""
    rr = np.diff(beat.r_peaks)
    if len(rr) < 2:
        return nan
    return float(6e4 / beat.rr_ms * rr.std(ddof=1) / rr.mean() / sqrt(len(rr)))


def _half(
    beat: Beat, leads: tuple[int, int], beats: tuple[int, int], rr: float, ms: float
) -> dict[str, float]:
    """Measurements of one half-sample; amplitudes are always read in V5."""
    rows = [*_chosen(len(INDEPENDENT_INDEX), leads), V5_ROW]
    if beat.given or len(beat.beats) < 2:
        signal = beat.signal[list(INDEPENDENT_INDEX)][rows]
    else:
        signal = median_of_few(beat.beats[np.ix_(_chosen(len(beat.beats), beats), rows)])
    *half, v5 = signal.astype(float)
    return read(delineated(np.stack(half), rr), v5, ms)


def _chosen(count: int, half: tuple[int, int]) -> list[int]:
    """One index of each pair of neighbours; the last index if it has no neighbour."""
    return [min(2 * pair + half[pair % 2], count - 1) for pair in range((count + 1) // 2)]
