"""Measurements of a beat: intervals, amplitudes in V5, rate, and reasons for missing ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isnan, nan

import numpy as np
from jaxtyping import Float

from ..beats.median_beat import Beat
from ..leads import INDEPENDENT_INDEX, V5
from ..waves import Segments
from .fiducial_points import delineated
from .reading import T_FROM_J, above_level, between, read
from .rhythm import rhythm
from .t_wave import TWave
from .uncertainty import rate_sd, uncertainty

NAMES = ("pr", "qrs", "qt", "r", "j", "t", "rate")
# A P wave above 120 ms is prolonged; above 200 ms, two waves were taken for one.
LONGEST_P_MS = 200.0
# If T is lower in every lead, its end is not well defined.
FLAT_T_UV = 50.0
# Smallest size of the smaller phase of a biphasic T: a share of the larger one, and above noise.
BIPHASIC_SHARE, BIPHASIC_UV = 0.25, 30.0
TOUCHING = 5  # samples between the end of T and the next P that still count as an overlap
UNKNOWN_RR_MS = 1000.0  # 60/min, for a given median beat without its strip


@dataclass(frozen=True)
class Measurement:
    """Intervals in ms, amplitudes in µV in lead V5, rate in 1/min.

    `qt_tangent` ends where the tangent at the steepest fall of T meets the level after it; QT ends
    where T has died down, at most 30 ms after the tangent's end. A missing measurement is NaN and
    has its reason in `reasons`, by name; `flags` are findings that leave the numbers valid. `sd` is
    the uncertainty of each measurement in its unit, from the agreement between leads and beats
    (uncertainty.py): NaN for a missing measurement, infinite if half of the half-samples of leads
    and beats do not show the wave.
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
    found = delineated(eight, rr)
    marks = found.segments
    v5 = beat.signal[V5].astype(float)
    t_piece = between(above_level(v5, marks.qrs_on), marks.qrs_off + T_FROM_J, marks.t_off)
    peak = between(above_level(eight, marks.qrs_on), found.t.peak, found.t.peak)
    reasons = _reasons(beat, marks, float(np.abs(peak).max(initial=0.0)))
    numbers = read(found, v5, ms)
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
        flags=_flags(beat, marks, found.t, t_piece, rr),
    )


def _reasons(beat: Beat, marks: Segments, t_height: float) -> dict[str, str]:
    """Reason for each missing measurement."""
    reasons: dict[str, str] = {}
    if isnan(beat.rr_ms):
        reasons["rate"] = "a given median beat without its strip"
    if isnan(marks.qrs_on):
        unclear = dict.fromkeys(
            ("pr", "qrs", "qt", "r", "j", "t"), "QRS complex without clear edges"
        )
        return reasons | unclear
    if fault := beat.lead_faults.get("V5"):
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
    elif isnan(marks.p_on):
        reasons["pr"] = "no P wave found between T and QRS"
    elif (length_ms := (marks.p_off - marks.p_on) * 1e3 / beat.fs) > LONGEST_P_MS:
        reasons["pr"] = f"P wave without clear edges: {length_ms:.0f} ms from one to the other"
    if about.paced == "ventricular pacing":
        reasons["qrs"] = reasons["qt"] = about.paced
    return reasons


def _flags(
    beat: Beat, marks: Segments, t: TWave, t_piece: Float[np.ndarray, " piece"], rr: float
) -> tuple[str, ...]:
    """Findings about the record and about T that leave the numbers valid."""
    flags = list(beat.findings)
    smaller, larger = sorted((t_piece.max(initial=0.0), -t_piece.min(initial=0.0)))
    if smaller >= max(BIPHASIC_SHARE * larger, BIPHASIC_UV):
        flags.append("biphasic T wave in V5")
    if t.slow_end:
        flags.append("T wave without a clear end")
    if t.u_fused:
        flags.append("U wave fused with T")
    if marks.p_on + rr - marks.t_off < TOUCHING:  # False when P or T is NaN
        flags.append("T wave overlaps the next P wave")
    return tuple(flags)
