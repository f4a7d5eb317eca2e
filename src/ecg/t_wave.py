"""Where the T wave peaks, begins and ends, on all leads together."""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from jaxtyping import Float

from .filters import filtered
from .record import HOUSE_FS_HZ

# T has little above this; slower would move its end.
T_HIGH_HZ = 10.0
# Where T usually peaks after QRS onset: 78 % of a QT of 0.40·√RR s (Bazett 1920), ± 85 ms.
USUAL_QT_S, PEAK_SHARE, PEAK_SPREAD_S = 0.40, 0.78, 0.085
# The T wave ends where it has fallen to this share of its height above the level behind it.
END_SHARE = 0.06


@dataclass(frozen=True)
class TWave:
    """Samples of the beat; NaN where there is none. `height` is the RMS over leads in µV."""

    on: float = nan
    peak: float = nan
    off: float = nan
    tangent: float = nan
    height: float = nan


def t_wave(eight: Float[np.ndarray, "8 600"], qrs_on: float, qrs_off: float, rr_ms: float) -> TWave:
    """T wave of a beat whose leads are µV above the level before QRS."""
    fs, length = HOUSE_FS_HZ, eight.shape[1]
    rr = rr_ms / 1e3
    first = int(qrs_off + 0.05 * fs)
    last = min(length - 10, int(qrs_on + min(0.60, 0.56 * sqrt(rr), 0.75 * rr) * fs))
    if last - first < 0.08 * fs:
        return TWave()
    size = np.sqrt(np.mean(filtered(eight, high_hz=T_HIGH_HZ) ** 2, axis=0))
    samples = np.arange(first, last)
    usual = qrs_on + PEAK_SHARE * USUAL_QT_S * sqrt(rr) * fs
    prior = np.exp(-0.5 * ((samples - usual) / (PEAK_SPREAD_S * fs)) ** 2)
    peak = first + int(np.argmax((size[first:last] - size[first:last].min()) * prior))
    peak = _climbed(size, peak, first, last - 1)
    slope = np.gradient(size)
    reach = min(peak + int(0.18 * fs), last + int(0.04 * fs), length - 2)
    steepest = peak + int(np.argmin(slope[peak:reach]))
    tail = size[steepest : min(length - 1, steepest + int(0.14 * fs))]
    floor = float(tail.min())
    if not slope[steepest] < 0.0:
        return TWave(peak=peak, height=float(size[peak]))
    below = np.flatnonzero(tail < floor + END_SHARE * (size[peak] - floor))
    rise = first + int(np.argmax(slope[first:peak])) if peak > first else first
    onset_floor = float(size[first : rise + 1].min())
    on = rise - (size[rise] - onset_floor) / slope[rise] if slope[rise] > 0 else float(first)
    return TWave(
        on=max(float(on), qrs_off),
        peak=float(peak),
        off=float(steepest + below[0]),
        tangent=float(steepest + (size[steepest] - floor) / -slope[steepest]),
        height=float(size[peak]),
    )


def _climbed(size: Float[np.ndarray, " time"], start: int, first: int, last: int) -> int:
    """The local maximum that is reached uphill from `start`."""
    place = start
    while first < place < last and max(size[place - 1], size[place + 1]) > size[place]:
        place += 1 if size[place + 1] >= size[place - 1] else -1
    return place
