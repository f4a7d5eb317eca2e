"""Onsets and offsets of P, QRS and T in a median beat, on all leads together."""

from dataclasses import dataclass
from math import isnan, nan, sqrt

import numpy as np
from jaxtyping import Float

from .beats import median_of
from .filters import filtered
from .waves import FS_HZ, R_INDEX, Segments


def slope(signal: Float[np.ndarray, "*lead time"]) -> Float[np.ndarray, "*lead time"]:
    """Central differences over time, one-sided at the ends; np.gradient, three times as fast."""
    found = np.empty_like(signal)
    found[..., 1:-1] = (signal[..., 2:] - signal[..., :-2]) / 2.0
    found[..., 0] = signal[..., 1] - signal[..., 0]
    found[..., -1] = signal[..., -1] - signal[..., -2]
    return found


def lower_quantile(values: Float[np.ndarray, " time"], share: float) -> float:
    """Quantile of a share below one half; np.quantile, five times as fast."""
    place = share * (len(values) - 1)
    below = int(place)
    ordered = np.partition(values, (below, below + 1))
    low, high = float(ordered[below]), float(ordered[below + 1])
    rest = place - below
    return low + (high - low) * rest if rest < 0.5 else high - (high - low) * (1.0 - rest)


def speed(slow: Float[np.ndarray, "lead time"], smoothing: int) -> Float[np.ndarray, " time"]:
    """Speed of the heart's vector: RMS of the slope over leads, µV per sample.

    A moving average over `smoothing` samples. High within a wave, in whichever lead it appears, and
    low between waves.
    """
    from scipy.ndimage import uniform_filter1d

    return uniform_filter1d(np.sqrt(np.mean(slope(slow) ** 2, axis=0)), smoothing, mode="nearest")


def first_quiet(values: Float[np.ndarray, " time"], threshold: float, run: int) -> float:
    """First sample of the first run of `run` samples below the threshold; NaN without one."""
    below = np.zeros(len(values) + 1, int)
    np.cumsum(values < threshold, out=below[1:])
    starts = np.flatnonzero(below[run:] - below[:-run] == run)
    return float(starts[0]) if len(starts) else float("nan")


# Samples at 500 Hz. The numbers below were chosen on the development records of LUDB
# (benchmarks/validate_ludb.py names them).
QRS_SEARCH = (R_INDEX - 60, R_INDEX + 70)  # contains a QRS complex of 240 ms; T is further out
QRS_REACH = 100  # from the fastest sample back to the onset; P is further out
QRS_HIGH_HZ = 40.0
QRS_SMOOTHING = 9
QUIET_RUN = 6  # slow for 12 ms: the complex has ended, this is no turning point
# The complex ends below this share of the highest speed, which must be above the quiet parts of the
# beat by the factor.
QRS_EDGE_SHARE = 0.06
QUIET_FACTOR, QUIET_QUANTILE = 2.5, 0.15
# An elevated ST segment may fall at 10 to 25 % of the highest speed of QRS, so that J is not quiet.
# The slowest sample between both is J if it is slower than this many thresholds (12 %).
J_FACTOR = 2.0


def qrs_edges(eight: Float[np.ndarray, "lead 600"]) -> tuple[float, float]:
    """Onset and offset (samples) of the complex at the R peak; NaN without a clear edge.

    A complex that continues into a steep ST segment ends where the leads move slowest between both.
    """
    fast = speed(filtered(eight, high_hz=QRS_HIGH_HZ), QRS_SMOOTHING)
    low, high = QRS_SEARCH
    top = float(fast[low:high].max())
    threshold = max(QRS_EDGE_SHARE * top, QUIET_FACTOR * lower_quantile(fast, QUIET_QUANTILE))
    fastest = low + int(np.argmax(fast[low:high]))
    on = fastest - first_quiet(fast[fastest - QRS_REACH : fastest + 1][::-1], threshold, QUIET_RUN)
    off = fastest + first_quiet(fast[fastest : high + QUIET_RUN], threshold, QUIET_RUN)
    slowest = fastest + int(np.argmin(fast[fastest:high]))
    if isnan(off) and fast[slowest] < J_FACTOR * threshold:
        off = float(slowest)
    return on, off


# Chosen on the development records of LUDB, as are the next two.
P_HIGH_HZ = 30.0
P_SMOOTHING = 8
# Share of the wave's highest speed above the quiet parts at which it begins and ends.
P_EDGE_SHARE = 0.20
P_CORE_SHARE = 0.4
# P is searched for within this before QRS; it usually peaks 100 ms before QRS, ± 120 ms.
P_REACH_S, P_USUAL_S, P_SPREAD_S = 0.42, 0.10, 0.12
P_HALF_WIDTH_S = 0.11


def p_wave(
    above: Float[np.ndarray, "lead 600"], qrs_on: float, earliest: float
) -> tuple[float, float]:
    """Onset and offset (samples) of the P wave, NaN without one.

    It lies between `earliest`, the end of the T wave before, and QRS onset.
    """
    fs = FS_HZ
    low, end = int(max(5, earliest, qrs_on - P_REACH_S * fs)), int(qrs_on - 2)
    high = int(qrs_on - 0.03 * fs)
    if high - low < 0.07 * fs:
        return nan, nan
    # Without QRS, which the filter would smear into P.
    slow = filtered(above[:, : end + 1], high_hz=P_HIGH_HZ)
    samples = np.arange(low, end)
    usual = np.exp(-0.5 * ((samples - (qrs_on - P_USUAL_S * fs)) / (P_SPREAD_S * fs)) ** 2)
    peak = low
    for _ in range(2):  # the second time with a level closer to the wave that was found
        start = max(low, peak - round(P_HALF_WIDTH_S * fs))
        before = median_of(slow[:, start : start + 8].T)[:, None]
        after = median_of(slow[:, end - 4 : end].T)[:, None]
        share = np.clip((samples - start - 4) / max(1, end - start - 8), 0.0, 1.0)
        line = before * (1 - share) + after * share
        height = np.sqrt(np.mean((slow[:, low:end] - line) ** 2, axis=0))
        peak = low + 10 + int(np.argmax((height * usual)[10 : high - low]))
    fast = speed(slow, P_SMOOTHING)
    begins = peak - 1 - _p_edge(fast[low:peak][::-1])
    if begins <= low == int(qrs_on - P_REACH_S * fs):
        return nan, nan  # it begins before the search does
    return begins, peak + _p_edge(fast[peak:end])


def _p_edge(fast: Float[np.ndarray, " outwards"]) -> float:
    """Samples from the peak outwards to where the wave's slope has died down."""
    near = fast[: round(P_HALF_WIDTH_S * FS_HZ)]
    quiet, top = lower_quantile(fast, 0.1), float(near.max())
    core = int(np.flatnonzero(near >= quiet + P_CORE_SHARE * (top - quiet))[-1])
    edge = first_quiet(fast[core:], quiet + P_EDGE_SHARE * (top - quiet), QUIET_RUN)
    return core + edge if edge == edge else float(len(fast) - 1)


# T has little energy above this frequency.
T_HIGH_HZ = 10.0
# Where T usually peaks after QRS onset: 78 % of a QT of 0.40·√RR s (Bazett 1920), ± 85 ms.
USUAL_QT_S, T_PEAK_SHARE, T_PEAK_SPREAD_S = 0.40, 0.78, 0.085
# T ends where it has fallen to this share of its height above the quiet level after it, which is
# searched for up to T_REACH_S after the peak. Chosen on the development records of LUDB. If T is
# higher where the tangent at its steepest fall reaches that level, something else follows (a U
# wave, a drifting level), and T ends at the tangent (docs/labels.md).
T_END_SHARE, T_REACH_S = 0.25, 0.20
T_FALL_S = 0.08  # shortest time from the peak to the quiet level
NEXT_QRS_S = 0.08
# A U wave follows within this time. It is fused if T has not fallen below the first share of its
# height before U rises by the second.
U_WITHIN_S, U_TROUGH, U_RISE = 0.24, 0.20, 0.05


@dataclass(frozen=True)
class TWave:
    """Fiducial points of T in samples of the beat, NaN without a T wave.

    `tangent` is the end by the tangent at the steepest fall; `off` is the earlier of the tangent
    and the end by threshold. `slow_end`: the tangent was earlier. `u_wave`: where another wave has
    risen, a U wave or the next P, before T has died down.
    """

    on: float = nan
    peak: float = nan
    off: float = nan
    tangent: float = nan
    slow_end: bool = False
    u_wave: float = nan


def t_wave(above: Float[np.ndarray, "lead 600"], qrs_on: float, qrs_off: float, rr: float) -> TWave:
    """T wave of a beat, given above its level before QRS; `rr` in samples."""
    start = int(qrs_off) + 10  # without the QRS complex, which the filter would smear into T
    last = int(min(above.shape[1] - 5, qrs_on + rr - NEXT_QRS_S * FS_HZ)) - start
    if last < 0.16 * FS_HZ:
        return TWave()
    slow = filtered(above[:, start:], high_hz=T_HIGH_HZ)
    peak = _t_peak(np.sqrt(np.mean(slow**2, axis=0)), qrs_on - start, rr, last)
    fall, reach = round(T_FALL_S * FS_HZ), round(T_REACH_S * FS_HZ)
    behind = speed(slow, 15)[peak + fall : min(peak + reach, last)]
    quiet = peak + fall + int(np.argmin(behind)) if len(behind) else last - 1
    if quiet <= peak + 3:
        return TWave()
    level = slow[:, max(quiet - 3, 0) : quiet + 4].mean(axis=1, keepdims=True)
    u_wave = start + peak + _risen(np.sqrt(np.mean(slow**2, axis=0))[peak:last])
    size = np.sqrt(np.mean((slow - level) ** 2, axis=0))
    change = slope(size)
    steepest = peak + int(np.argmin(change[peak:quiet]))
    tail = size[steepest : quiet + 1]
    floor = float(tail.min())
    fallen = np.flatnonzero(tail <= floor + T_END_SHARE * (size[peak] - floor))[0]
    end = start + steepest + float(fallen)
    tangent = start + steepest + float((size[steepest] - floor) / max(-change[steepest], 1e-9))
    return TWave(
        on=start + _t_onset(slow, peak),
        peak=float(start + peak),
        off=min(end, tangent),
        tangent=tangent,
        slow_end=tangent < end,
        u_wave=u_wave,
    )


def _t_peak(size: Float[np.ndarray, " time"], qrs_on: float, rr: float, last: int) -> int:
    """Local maximum uphill from the highest sample near the usual place of T."""
    rr_s = rr / FS_HZ
    end = int(min(last, qrs_on + min(0.60, 0.56 * sqrt(rr_s), 0.75 * rr_s) * FS_HZ))
    samples = np.arange(15, max(end, 25))
    usual = qrs_on + T_PEAK_SHARE * USUAL_QT_S * sqrt(rr_s) * FS_HZ
    prior = np.exp(-0.5 * ((samples - usual) / (T_PEAK_SPREAD_S * FS_HZ)) ** 2)
    piece = size[samples]
    summit = 15 + int(np.argmax((piece - piece.min()) * prior))
    while 1 <= summit < samples[-1] and max(size[summit - 1], size[summit + 1]) > size[summit]:
        summit += 1 if size[summit + 1] >= size[summit - 1] else -1
    return summit


def _risen(size: Float[np.ndarray, " time"]) -> float:
    """Sample at which the fall from T has turned into a rise well above the level before QRS."""
    near = size[: round(U_WITHIN_S * FS_HZ)]
    turns = np.flatnonzero((near[1:-1] <= near[:-2]) & (near[1:-1] < near[2:])) + 1
    if not len(turns):
        return nan
    trough = near[turns[0]]
    risen = np.flatnonzero(near[turns[0] :] > trough + U_RISE * size[0])
    return float(turns[0] + risen[0]) if trough > U_TROUGH * size[0] and len(risen) else nan


def _t_onset(slow: Float[np.ndarray, "lead time"], peak: int) -> float:
    """Sample at which the tangent at the steepest rise meets the level of the ST segment."""
    size = np.sqrt(np.mean((slow - slow[:, :1]) ** 2, axis=0))[: peak + 1]
    change = slope(size) if len(size) > 1 else np.zeros(1)
    steepest = int(np.argmax(change))
    return max(0.0, steepest - size[steepest] / max(change[steepest], 1e-9))


LEVEL = 8  # samples: the zero level is the mean of the 16 ms before QRS onset

# A threshold finds an edge inside the wave. Cardiologists' global edges (second-earliest onset,
# second-latest offset of 12 leads) are this many samples further out: the median difference over
# the 133 clean sinus records of LUDB that are not in tests/data (`make validate`: the others).
P_ON, P_OFF, QRS_ON, QRS_OFF, T_ON, T_OFF = -3.0, -2.0, -4.0, 2.0, -12.0, 15.0
# Smallest share of the largest lead from which a lead is enlarged: a smaller one is mostly noise.
SMALLEST_SHARE = 0.25


@dataclass(frozen=True)
class Delineation:
    """Fiducial points in samples, and the detected T wave."""

    segments: Segments
    t: TWave


def delineated(eight: Float[np.ndarray, "lead 600"], rr: float) -> Delineation:
    """Onsets and offsets of P, QRS and T; `rr` in samples. NaN for a wave that is not found."""
    eight = balanced(eight)
    qrs_on, qrs_off = qrs_edges(eight)
    if isnan(qrs_on) or isnan(qrs_off):
        return Delineation(Segments(), TWave())
    above = above_level(eight, qrs_on)
    t = t_wave(above, qrs_on, qrs_off, rr)
    # Without it, as at 180/min, the T wave of the beat before would be taken for P.
    p_on, p_off = (nan, nan) if isnan(t.off) else p_wave(above, qrs_on, earliest=t.off - rr)
    qrs_on, qrs_off = qrs_on + QRS_ON, qrs_off + QRS_OFF
    segments = Segments(
        p_on=p_on + P_ON,
        p_off=min(p_off + P_OFF, qrs_on) if not isnan(p_off) else nan,
        qrs_on=qrs_on,
        qrs_off=qrs_off,
        t_on=max(t.on + T_ON, qrs_off) if not isnan(t.on) else nan,
        t_off=t.off if isnan(t.off) else min(t.off + T_OFF, eight.shape[1] - 1.0),
    )
    return Delineation(segments, t)


def above_level(
    signal: Float[np.ndarray, "*lead time"], qrs_on: float
) -> Float[np.ndarray, "*lead time"]:
    """Signal minus the mean of the 16 ms before QRS onset; unchanged without an onset."""
    if isnan(qrs_on):
        return signal
    first = round(qrs_on)
    return signal - signal[..., first - LEVEL : first].mean(axis=-1, keepdims=True)


def balanced(eight: Float[np.ndarray, "lead 600"]) -> Float[np.ndarray, "lead 600"]:
    """Leads at a comparable size, 1 mV from minimum to maximum.

    A global onset is the earliest of all leads, so that a tall V3 must not dominate a small V1. The
    leads in LUDB's files have exactly this size, so that thresholds chosen there fit all ECGs.
    """
    size = np.ptp(eight, axis=1, keepdims=True)
    size = np.maximum(size, SMALLEST_SHARE * size.max())
    return eight * (1000.0 / np.maximum(size, np.finfo(float).tiny))
