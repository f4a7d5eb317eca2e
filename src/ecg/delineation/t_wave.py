"""Where the T wave peaks, begins and ends, on all leads together."""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from jaxtyping import Float

from ..filters import filtered
from ..record import HOUSE_FS_HZ
from .edges import slope, speed

# T has little above this.
T_HIGH_HZ = 10.0
# Where T usually peaks after QRS onset: 78 % of a QT of 0.40·√RR s (Bazett 1920), ± 85 ms.
USUAL_QT_S, PEAK_SHARE, PEAK_SPREAD_S = 0.40, 0.78, 0.085
# T ends where it has fallen to this share of its height above the quiet that follows it, which is
# looked for up to REACH_S behind its peak. Chosen on the development records of LUDB. A T that has
# more left where the tangent at its steepest fall has reached that quiet is followed by something
# else (a U wave, a drifting level): it ends where the tangent does (docs/labels.md).
END_SHARE, REACH_S = 0.25, 0.20
FALL_S = 0.08  # from the peak at least this far to the quiet
NEXT_QRS_S = 0.08
# A U wave follows within this; it is fused when T has not fallen below this share of its height
# before U rises by that share.
U_WITHIN_S, U_TROUGH, U_RISE = 0.24, 0.20, 0.05


@dataclass(frozen=True)
class TWave:
    """Samples of the beat, NaN where there is none.

    `tangent` is the end by the tangent at the steepest fall, `off` the earlier of it and of the end
    by threshold; `slow_end` says that it is the tangent's, `u_fused` that a U wave rises before T
    has died down.
    """

    on: float = nan
    peak: float = nan
    off: float = nan
    tangent: float = nan
    slow_end: bool = False
    u_fused: bool = False


def t_wave(above: Float[np.ndarray, "lead 600"], qrs_on: float, qrs_off: float, rr: float) -> TWave:
    """T wave of a beat whose leads are above their level before QRS; `rr` in samples."""
    start = int(qrs_off) + 10  # without the QRS complex, which the filter would smear into T
    last = int(min(above.shape[1] - 5, qrs_on + rr - NEXT_QRS_S * HOUSE_FS_HZ)) - start
    if last < 0.16 * HOUSE_FS_HZ:
        return TWave()
    slow = filtered(above[:, start:], high_hz=T_HIGH_HZ)
    peak = _peak(np.sqrt(np.mean(slow**2, axis=0)), qrs_on - start, rr, last)
    fall, reach = round(FALL_S * HOUSE_FS_HZ), round(REACH_S * HOUSE_FS_HZ)
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
    """The summit uphill from the highest place near where T usually is."""
    rr_s = rr / HOUSE_FS_HZ
    end = int(min(last, qrs_on + min(0.60, 0.56 * sqrt(rr_s), 0.75 * rr_s) * HOUSE_FS_HZ))
    samples = np.arange(15, max(end, 25))
    usual = qrs_on + PEAK_SHARE * USUAL_QT_S * sqrt(rr_s) * HOUSE_FS_HZ
    prior = np.exp(-0.5 * ((samples - usual) / (PEAK_SPREAD_S * HOUSE_FS_HZ)) ** 2)
    piece = size[samples]
    summit = 15 + int(np.argmax((piece - piece.min()) * prior))
    while 1 <= summit < samples[-1] and max(size[summit - 1], size[summit + 1]) > size[summit]:
        summit += 1 if size[summit + 1] >= size[summit - 1] else -1
    return summit


def _u_fused(size: Float[np.ndarray, " time"]) -> bool:
    """True when the fall from the T peak turns into a new rise well above the level before QRS."""
    near = size[: round(U_WITHIN_S * HOUSE_FS_HZ)]
    turns = np.flatnonzero((near[1:-1] <= near[:-2]) & (near[1:-1] < near[2:])) + 1
    if not len(turns):
        return False
    trough = near[turns[0]]
    return bool(trough > U_TROUGH * size[0] and near[turns[0] :].max() > trough + U_RISE * size[0])


def _onset(slow: Float[np.ndarray, "lead time"], peak: int) -> float:
    """Where the tangent at the steepest rise meets the level of the ST segment."""
    size = np.sqrt(np.mean((slow - slow[:, :1]) ** 2, axis=0))[: peak + 1]
    change = slope(size) if len(size) > 1 else np.zeros(1)
    steepest = int(np.argmax(change))
    return max(0.0, steepest - size[steepest] / max(change[steepest], 1e-9))
