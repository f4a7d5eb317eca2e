"""Measurements of a beat and their uncertainty: intervals, amplitudes in V5, rate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf, isnan, nan, pi, sqrt

import numpy as np
from jaxtyping import Float, Int

from .beats import Beat, median_of_few
from .delineation import Delineation, TWave, above_level, delineated
from .quality import fault_flags
from .record import INDEPENDENT, INDEPENDENT_INDEX, LEADS, V5
from .waves import FS_HZ, Segments

# Raised whenever a number or a finding of this room changes; ECGs are then prepared again.
VERSION = 10
T_FROM_J = 30  # samples: the search for T begins at J + 60 ms


def read(found: Delineation, v5: Float[np.ndarray, " time"], ms: float) -> dict[str, float]:
    """PR, QRS, QT, QT by tangent in ms and R, J, T of V5 in µV; `ms` is the length of a sample.

    NaN if a point is missing, except for R and J, which are then 0.
    """
    marks = found.segments
    v5 = above_level(v5, marks.qrs_on)
    t_piece = between(v5, marks.qrs_off + T_FROM_J, marks.t_off)
    return {
        "pr": (marks.qrs_on - marks.p_on) * ms,
        "qrs": (marks.qrs_off - marks.qrs_on) * ms,
        "qt": (marks.t_off - marks.qrs_on) * ms,
        "qt_tangent": (found.t.tangent - marks.qrs_on) * ms,
        "r": between(v5, marks.qrs_on, marks.qrs_off).max(initial=0.0),
        "j": between(v5, marks.qrs_off, marks.qrs_off).sum(),
        "t": t_piece[np.argmax(np.abs(t_piece))] if len(t_piece) else nan,
    }


def between(
    signal: Float[np.ndarray, "*lead time"], first: float, last: float
) -> Float[np.ndarray, "*lead piece"]:
    """Samples from `first` to `last`, both included; none if one of them is NaN."""
    if isnan(first) or isnan(last):
        return signal[..., :0]
    return signal[..., round(first) : round(last) + 1]


def read_beat(
    signal: Float[np.ndarray, "12 600"], rr_ms: float
) -> tuple[dict[str, float], Segments]:
    """PR, QRS, QT in ms, R, J, T of V5 in µV (`read`), and fiducial points of a beat at 500 Hz.

    A quarter of the time of `measure`: without uncertainty, rhythm and the reasons to distrust a
    number. For a beat that was measured before and is measured again after a change.
    """
    eight = signal[list(INDEPENDENT_INDEX)].astype(float)
    ms = 1e3 / FS_HZ
    found = delineated(eight, rr_ms / ms)
    numbers = read(found, signal[V5].astype(float), ms)
    return {name: float(numbers[name]) for name in NAMES if name in numbers}, found.segments


# Chosen on the 168 records of LUDB that are not in tests/data. In clean sinus rhythm the P waves of
# two beats have a correlation of 0.68 or more over the leads, in all but 2 of 133 records. Atrial
# fibrillation and flutter reach 0.79 (once 0.82), but only with an irregular RR.
LOCKED, LOCKED_WHEN_IRREGULAR = 0.65, 0.80
# Median change from one RR interval to the next, and SD of RR, as shares of their mean.
IRREGULAR_CHANGE, IRREGULAR_SD = 0.10, 0.12
# Samples before the R peak in which a spike paces the ventricles, or the atria.
VENTRICULAR_SPIKE, ATRIAL_SPIKE = (5, 75), (75, 200)
NEAR = 5  # samples on either side of P that are compared too


@dataclass(frozen=True)
class Rhythm:
    """RR change and SD as shares of RR, correlation of P between beats, what is paced ("": none).

    NaN if unknown, as for a given median beat without its strip.
    """

    rr_change: float
    rr_sd: float
    p_lock: float
    paced: str

    @property
    def p_fault(self) -> str:
        """Reason why the PR interval is meaningless; "" if it has a meaning."""
        if self.paced:
            return self.paced
        irregular = self.rr_change > IRREGULAR_CHANGE or self.rr_sd > IRREGULAR_SD
        if not self.p_lock < (LOCKED_WHEN_IRREGULAR if irregular else LOCKED):
            return ""
        if self.rr_change > IRREGULAR_CHANGE:
            return "atrial fibrillation"
        return "P wave not locked to QRS"


def rhythm(beat: Beat, p_on: float, p_off: float) -> Rhythm:
    """Rhythm of the record of a beat whose P wave is between these samples."""
    rr = beat.rr.astype(float)
    mean = rr.mean() if len(rr) else nan
    return Rhythm(
        rr_change=float(np.median(np.abs(np.diff(rr))) / mean) if len(rr) > 1 else nan,
        rr_sd=float(rr.std() / mean) if len(rr) > 1 else nan,
        p_lock=_likeness(beat.beats, p_on, p_off),
        paced=_paced(beat.spikes, beat.used),
    )


def _likeness(beats: Float[np.ndarray, "beat 8 600"], on: float, off: float) -> float:
    """Median correlation of pairs of beats between two samples, over all leads."""
    from scipy.ndimage import uniform_filter1d

    if len(beats) < 2 or np.isnan(on) or np.isnan(off):
        return nan
    piece = beats[:, :, max(0, round(on) - NEAR) : round(off) + NEAR + 1].astype(float)
    piece = uniform_filter1d(piece, 9, axis=-1)  # 18 ms: P is slower, muscle and mains are faster
    flat = (piece - piece.mean(axis=-1, keepdims=True)).reshape(len(beats), -1)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), np.finfo(float).tiny)
    return float(np.median((flat @ flat.T)[np.triu_indices(len(beats), 1)]))


def _paced(spikes: Int[np.ndarray, " spike"], used: Int[np.ndarray, " beat"]) -> str:
    """Paced chamber: a spike at the right distance before at least half of the beats."""
    if not len(spikes):
        return ""
    ahead = used[:, None] - spikes
    for name, (low, high) in {
        "ventricular pacing": VENTRICULAR_SPIKE,
        "atrial pacing": ATRIAL_SPIKE,
    }.items():
        if np.mean(np.any((ahead >= low) & (ahead < high), axis=1)) >= 0.5:
            return name
    return ""


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
    """SD of each of `numbers` (`read`), in its unit; `rr` in samples of `ms`.

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
    sds = {}
    for name, whole in numbers.items():
        moved = np.array([half[name] for half in halves]) - whole
        known = moved[~np.isnan(moved)]
        least = ROUNDING * ms * sqrt(2) if name in ("pr", "qrs", "qt", "qt_tangent") else 0.0
        if np.isnan(whole):
            sds[name] = nan
        elif 2 * len(known) <= len(moved):
            sds[name] = inf
        else:
            sds[name] = sqrt(OF_MEAN_ABSOLUTE**2 * float(np.abs(known).mean()) ** 2 + least**2)
    return sds


# Half-widths in ms that all but one of the 32 records of LUDB in tests/data keep to, times the mean
# error of all 159 clean records of LUDB over that of these, where it is larger (docs/labels.md).
MARGIN_MS = {"pr": 17.0, "qrs": 20.0, "qt": 25.0}


def margin_ms(name: str, sd: float) -> float:
    """Half-width in ms of the interval around PR, QRS or QT that holds a cardiologist's.

    It is meant to hold 90 to 98 % of the global intervals that cardiologists mark; `sd` widens it
    where leads or beats disagree, and is NaN for a missing measurement. KeyError for other names.
    """
    return max(MARGIN_MS[name], 2.0 * sd) if not isnan(sd) else nan


def rate_sd(beat: Beat) -> float:
    """Standard error of the mean rate in 1/min, from the scatter of RR; NaN for fewer than two."""
    rr = beat.rr
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


NAMES = ("pr", "qrs", "qt", "r", "j", "t", "rate")
# A P wave above 120 ms is prolonged; above 200 ms, two waves were taken for one.
LONGEST_P_MS = 200.0
# If T is lower in every lead, its end is not well defined.
FLAT_T_UV = 50.0
# Smallest size of the smaller phase of a biphasic T: a share of the larger one, and above noise.
BIPHASIC_SHARE, BIPHASIC_UV = 0.25, 30.0
TOUCHING = 5  # samples before the next P that still count as a part of it
# A chest lead with a smaller QRS than both of these, in µV and as a share of the median chest lead,
# shows no heart.
LEAST_QRS_UV, LEAST_QRS_SHARE = 50.0, 0.05
UNKNOWN_RR_MS = 1000.0  # 60/min, for a given median beat without its strip


@dataclass(frozen=True)
class Measurement:
    """Intervals in ms, amplitudes in µV in lead V5, rate in 1/min.

    `qt_tangent` ends where the tangent at the steepest fall of T meets the level after it; QT ends
    where T has died down, at most 30 ms after the tangent's end. A missing measurement is NaN and
    has its reason in `reasons`, by name; `flags` are findings that leave the numbers valid. `sd` is
    the SD of repeating each measurement, in its unit, from the agreement between leads and beats
    (`uncertainty`): NaN for a missing measurement, infinite if half of the half-samples of leads
    and beats do not show the wave. It is no error against a cardiologist: see `margin`.
    """

    pr: float = nan
    qrs: float = nan
    qt: float = nan
    qt_tangent: float = nan
    r: float = nan
    j: float = nan
    t: float = nan
    rate: float = nan
    sd: Mapping[str, float] = field(default_factory=dict)
    segments: Segments = field(default_factory=Segments)
    reasons: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()

    def values(self) -> dict[str, float]:
        """The seven measurements by name."""
        return {name: getattr(self, name) for name in NAMES}

    def margin(self, name: str) -> float:
        """Half-width in ms of the interval around PR, QRS or QT: see `margin_ms`."""
        return margin_ms(name, self.sd.get(name, nan))


def measure(beat: Beat) -> Measurement:
    """The seven measurements of a median beat; raises no error, see Measurement.reasons.

    Intervals are global: one onset and one offset on all leads together (Kligfield et al. 2007).
    Amplitudes are read in V5 against the mean of the 16 ms before QRS onset: R is the largest
    positive deflection within QRS (0 if there is none), J the value at the QRS offset, T the signed
    value of the largest deflection from J + 60 ms to the end of T.
    """
    ms = 1e3 / beat.fs
    rr = (UNKNOWN_RR_MS if isnan(beat.rr_ms) else beat.rr_ms) / ms
    eight = beat.signal[list(INDEPENDENT_INDEX)].astype(float)
    delineation = delineated(eight, rr)
    marks = delineation.segments
    v5 = beat.signal[V5].astype(float)
    t_piece = between(above_level(v5, marks.qrs_on), marks.qrs_off + T_FROM_J, marks.t_off)
    peak = between(above_level(eight, marks.qrs_on), delineation.t.peak, delineation.t.peak)
    silent = _without_qrs(beat, marks)
    reasons = _reasons(beat, marks, float(np.abs(peak).max(initial=0.0)), silent)
    numbers = read(delineation, v5, ms)
    sd = uncertainty(beat, rr, numbers, ms) | {"rate": rate_sd(beat)}
    numbers["rate"] = 6e4 / beat.rr_ms
    if "pr" in reasons:  # no P wave that belongs to this beat
        marks = replace(marks, p_on=nan, p_off=nan)
    missing = reasons | ({"qt_tangent": reasons["qt"]} if "qt" in reasons else {})
    return Measurement(
        **{name: nan if name in missing else float(value) for name, value in numbers.items()},
        sd={name: nan if name in missing else value for name, value in sd.items()},
        segments=marks,
        reasons=reasons,
        flags=_flags((*beat.findings, *fault_flags(silent)), marks, delineation.t, t_piece, rr),
    )


def _reasons(
    beat: Beat, marks: Segments, t_height: float, silent: Mapping[str, str]
) -> dict[str, str]:
    """Reason for each missing measurement; `silent` are the faults of `_without_qrs`."""
    reasons: dict[str, str] = {}
    if isnan(beat.rr_ms):
        reasons["rate"] = "a given median beat without its strip"
    if isnan(marks.qrs_on):
        unclear = dict.fromkeys(
            ("pr", "qrs", "qt", "r", "j", "t"), "QRS complex without clear edges"
        )
        return reasons | unclear
    if fault := {**beat.lead_faults, **silent}.get("V5"):
        reasons |= dict.fromkeys(("r", "j", "t"), f"lead V5 is {fault}")
    if isnan(marks.t_off):
        reasons["qt"] = reasons["t"] = "no T wave found"
    elif marks.t_off < marks.qrs_off + T_FROM_J:
        reasons["t"] = "T wave ends within 60 ms of J"
    elif t_height < FLAT_T_UV:
        reasons["qt"] = f"flat T wave: {t_height:.0f} µV at most, {FLAT_T_UV:g} are needed"
    about = rhythm(beat, marks.p_on, marks.p_off)
    if about.p_fault:
        reasons["pr"] = about.p_fault
    elif isnan(marks.t_off):
        reasons["pr"] = "no T wave found, without which P cannot be told from one"
    elif isnan(marks.p_on):
        reasons["pr"] = "no P wave found between T and QRS"
    elif (length_ms := (marks.p_off - marks.p_on) * 1e3 / beat.fs) > LONGEST_P_MS:
        reasons["pr"] = f"P wave without clear edges: {length_ms:.0f} ms long, too long for one"
    if about.paced == "ventricular pacing":
        reasons["qrs"] = reasons["qt"] = about.paced
    return reasons


def _without_qrs(beat: Beat, marks: Segments) -> dict[str, str]:
    """The fault of chest leads without another in which the beat has next to no QRS complex."""
    chest = [each for each in INDEPENDENT if each[0] == "V" and each not in beat.lead_faults]
    if not chest:
        return {}
    piece = between(beat.signal[[LEADS.index(each) for each in chest]], marks.qrs_on, marks.qrs_off)
    size = np.ptp(piece, axis=1) if piece.shape[1] else np.full(len(chest), nan)
    least = min(LEAST_QRS_UV, LEAST_QRS_SHARE * float(np.median(size)))
    found = [each for each, uv in zip(chest, size, strict=True) if uv < least]
    return dict.fromkeys(found, "without a QRS complex")


def _flags(
    findings: Sequence[str],
    marks: Segments,
    t: TWave,
    t_piece: Float[np.ndarray, " piece"],
    rr: float,
) -> tuple[str, ...]:
    """`findings` about the record, and those about T, that leave the numbers valid."""
    flags = [*findings]
    smaller, larger = sorted((t_piece.max(initial=0.0), -t_piece.min(initial=0.0)))
    if smaller >= max(BIPHASIC_SHARE * larger, BIPHASIC_UV):
        flags.append("biphasic T wave in V5")
    if t.slow_end:
        flags.append("T wave without a clear end")
    next_p = inf if isnan(marks.p_on) else marks.p_on + rr
    if t.u_wave < next_p - TOUCHING:  # False for no wave; what rises later is P
        flags.append("U wave fused with T")
    if marks.p_on + rr - marks.t_off < TOUCHING:  # False when P or T is NaN
        flags.append("T wave overlaps the next P wave")
    return tuple(flags)
