"""Onset, peak and end of the T wave, on all leads together."""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from jaxtyping import Float

from ..filters import filtered
from ..record import FS_HZ
from .edges import slope, speed

# T has little energy above this frequency.
T_HIGH_HZ = 10.0
# Where T usually peaks after QRS onset: 78 % of a QT of 0.40·√RR s (Bazett 1920), ± 85 ms.
USUAL_QT_S, PEAK_SHARE, PEAK_SPREAD_S = 0.40, 0.78, 0.085
# T ends where it has fallen to this share of its height above the quiet level after it, which is
# searched for up to REACH_S after the peak. Chosen on the development records of LUDB. If T is
# higher where the tangent at its steepest fall reaches that level, something else follows (a U
# wave, a drifting level), and T ends at the tangent (docs/labels.md).
END_SHARE, REACH_S = 0.25, 0.20
FALL_S = 0.08  # shortest time from the peak to the quiet level
NEXT_QRS_S = 0.08
# A U wave follows within this time. It is fused if T has not fallen below the first share of its
# height before U rises by the second.
U_WITHIN_S, U_TROUGH, U_RISE = 0.24, 0.20, 0.05


@dataclass(frozen=True)
class TWave:
    """Fiducial points of T in samples of the beat, NaN without a T wave.

    `tangent` is the end by the tangent at the steepest fall; `off` is the earlier of the tangent
    and the end by threshold. `slow_end`: the tangent was earlier. `u_fused`: a U wave rises before
    T has died down.
    """

    on: float = nan
    peak: float = nan
    off: float = nan
    tangent: float = nan
    slow_end: bool = False
    u_fused: bool = False


def t_wave(above: Float[np.ndarray, "lead 600"], qrs_on: float, qrs_off: float, rr: float) -> TWave:
    """T wave of a beat, given above its level before QRS; `rr` in samples."""
    start = int(qrs_off) + 10  # without the QRS complex, which the filter would smear into T
    last = int(min(above.shape[1] - 5, qrs_on + rr - NEXT_QRS_S * FS_HZ)) - start
    if last < 0.16 * FS_HZ:
        return TWave()
    slow = filtered(above[:, start:], high_hz=T_HIGH_HZ)
    peak = _peak(np.sqrt(np.mean(slow**2, axis=0)), qrs_on - start, rr, last)
    fall, reach = round(FALL_S * FS_HZ), round(REACH_S * FS_HZ)
    behind = speed(slow, 15)[peak + fall : min(peak + reach, last)]
    quiet = peak + fall + int(np.argmin(behind)) if len(behind) else last - 1
    if quiet <= peak + 3:
        return TWave()
    level = slow[:, max(quiet - 3, 0) : quiet + 4].mean(axis=1, keepdims=True)
    fused = _u_fused(np.sqrt(np.mean(slow**2, axis=0))[peak:last])
    size = np.sqrt(np.mean((slow - level) ** 2, axis=0))
    change = slope(size)
    steepest = peak + int(np.argmin(change[peak:quiet]))
    tail = size[steepest : quiet + 1]
    floor = float(tail.min())
    fallen = np.flatnonzero(tail <= floor + END_SHARE * (size[peak] - floor))[0]
    end = start + steepest + float(fallen)
    tangent = start + steepest + float((size[steepest] - floor) / max(-change[steepest], 1e-9))
    return TWave(
        on=start + _onset(slow, peak),
        peak=float(start + peak),
        off=min(end, tangent),
        tangent=tangent,
        slow_end=tangent < end,
        u_fused=fused,
    )


def _peak(size: Float[np.ndarray, " time"], qrs_on: float, rr: float, last: int) -> int:
    """Local maximum uphill from the highest sample near the usual place of T."""
    rr_s = rr / FS_HZ
    end = int(min(last, qrs_on + min(0.60, 0.56 * sqrt(rr_s), 0.75 * rr_s) * FS_HZ))
    samples = np.arange(15, max(end, 25))
    usual = qrs_on + PEAK_SHARE * USUAL_QT_S * sqrt(rr_s) * FS_HZ
    prior = np.exp(-0.5 * ((samples - usual) / (PEAK_SPREAD_S * FS_HZ)) ** 2)
    piece = size[samples]
    summit = 15 + int(np.argmax((piece - piece.min()) * prior))
    while 1 <= summit < samples[-1] and max(size[summit - 1], size[summit + 1]) > size[summit]:
        summit += 1 if size[summit + 1] >= size[summit - 1] else -1
    return summit


def _u_fused(size: Float[np.ndarray, " time"]) -> bool:
    """Whether the fall from the T peak turns into a rise well above the level before QRS."""
    near = size[: round(U_WITHIN_S * FS_HZ)]
    turns = np.flatnonzero((near[1:-1] <= near[:-2]) & (near[1:-1] < near[2:])) + 1
    if not len(turns):
        return False
    trough = near[turns[0]]
    return bool(trough > U_TROUGH * size[0] and near[turns[0] :].max() > trough + U_RISE * size[0])


def _onset(slow: Float[np.ndarray, "lead time"], peak: int) -> float:
    """Sample at which the tangent at the steepest rise meets the level of the ST segment."""
    size = np.sqrt(np.mean((slow - slow[:, :1]) ** 2, axis=0))[: peak + 1]
    change = slope(size) if len(size) > 1 else np.zeros(1)
    steepest = int(np.argmax(change))
    return max(0.0, steepest - size[steepest] / max(change[steepest], 1e-9))
