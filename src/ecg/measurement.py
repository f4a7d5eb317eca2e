"""What is read from a beat: intervals, amplitudes in V5, rate, and why something is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan, nan

import numpy as np
from jaxtyping import Float

from .delineation import LEVEL, Delineation, delineated
from .leads import INDEPENDENT_INDEX, V5
from .median_beat import Beat
from .rhythm import Rhythm, rhythm
from .waves import Segments

NAMES = ("pr", "qrs", "qt", "r", "j", "t", "rate")
T_FROM_J = 30  # samples: T is looked for from J + 60 ms
# Below this in every lead the end of T is a matter of taste.
FLAT_T_UV = 50.0
# The smaller phase of a biphasic T has this share of the larger one, and is no mere noise.
BIPHASIC_SHARE, BIPHASIC_UV = 0.25, 30.0
TOUCHING = 5  # samples between the end of T and the next P that are no gap
UNKNOWN_RR_MS = 1000.0  # 60/min, for a given median beat without its strip


@dataclass(frozen=True)
class Measurement:
    """Intervals in ms, amplitudes in µV in lead V5, rate in 1/min.

    QT ends where T has died down, `qt_tangent` where the tangent at its steepest fall meets the
    level behind it. What cannot be measured is NaN and has its reason in `reasons` under its name;
    `flags` are findings that leave the numbers valid but should be known.
    """

    pr: float = nan
    qrs: float = nan
    qt: float = nan
    qt_tangent: float = nan
    r: float = nan
    j: float = nan
    t: float = nan
    rate: float = nan
    segments: Segments = field(default_factory=Segments)
    reasons: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()

    def values(self) -> dict[str, float]:
        """The seven measurements by name."""
        return {name: getattr(self, name) for name in NAMES}


def measure(beat: Beat) -> Measurement:
    """The seven measurements of a median beat; never an error, see Measurement.reasons.

    Intervals are global: one onset and one offset on all leads together (Kligfield et al. 2007).
    Amplitudes are read in V5 against the mean of the 16 ms before QRS onset: R is the largest
    positive deflection within QRS (0 if there is none), J the value at the QRS offset, T the signed
    value of the largest deflection from J + 60 ms to the end of T.
    """
    ms = 1e3 / beat.fs
    rr = (UNKNOWN_RR_MS if isnan(beat.rr_ms) else beat.rr_ms) / ms
    found = delineated(beat.signal[list(INDEPENDENT_INDEX)].astype(float), rr)
    marks = found.segments
    about = rhythm(beat, marks.p_on, marks.p_off)
    reasons = _reasons(found, about)
    numbers = {
        "pr": (marks.qrs_on - marks.p_on) * ms,
        "qrs": (marks.qrs_off - marks.qrs_on) * ms,
        "qt": (marks.t_off - marks.qrs_on) * ms,
        **_amplitudes(beat.signal[V5].astype(float), marks),
        "rate": 6e4 / beat.rr_ms,
    }
    if isnan(beat.rr_ms):
        reasons["rate"] = "a given median beat without its strip"
    if "pr" in reasons:  # no P wave that belongs to this beat
        marks = Segments(nan, nan, marks.qrs_on, marks.qrs_off, marks.t_on, marks.t_off)
    return Measurement(
        **{name: nan if name in reasons else value for name, value in numbers.items()},
        qt_tangent=nan if "qt" in reasons else (found.t.tangent - marks.qrs_on) * ms,
        segments=marks,
        reasons=reasons,
        flags=_flags(beat.signal[V5].astype(float), found, marks, rr),
    )


def _reasons(found: Delineation, about: Rhythm) -> dict[str, str]:
    """Why each of the missing measurements is missing."""
    marks, reasons = found.segments, {}
    if isnan(marks.qrs_on):
        return dict.fromkeys(("pr", "qrs", "qt", "r", "j", "t"), "QRS complex without clear edges")
    if isnan(marks.t_off):
        reasons["qt"] = reasons["t"] = "no T wave found"
    elif found.t.height < FLAT_T_UV:
        reasons["qt"] = f"flat T wave: {found.t.height:.0f} µV at most, {FLAT_T_UV:g} are needed"
    if about.p_fault:
        reasons["pr"] = about.p_fault
    elif isnan(marks.p_on):
        reasons["pr"] = "no P wave found between T and QRS"
    if about.paced == "ventricular pacing":
        reasons["qrs"] = reasons["qt"] = about.paced
    return reasons


def _amplitudes(v5: Float[np.ndarray, " time"], marks: Segments) -> dict[str, float]:
    """R, J and T in µV."""
    if isnan(marks.qrs_on):
        return {"r": nan, "j": nan, "t": nan}
    first, last = round(marks.qrs_on), round(marks.qrs_off)
    v5 = v5 - v5[first - LEVEL : first].mean()
    t_piece = [] if isnan(marks.t_off) else v5[last + T_FROM_J : round(marks.t_off) + 1]
    return {
        "r": max(float(v5[first : last + 1].max()), 0.0),
        "j": float(v5[last]),
        "t": float(t_piece[np.argmax(np.abs(t_piece))]) if len(t_piece) else nan,
    }


def _flags(
    v5: Float[np.ndarray, " time"], found: Delineation, marks: Segments, rr: float
) -> tuple[str, ...]:
    """Findings about T that leave its numbers valid."""
    if isnan(marks.t_off):
        return ()
    flags = []
    level = v5[round(marks.qrs_on) - LEVEL : round(marks.qrs_on)].mean()
    piece = v5[round(marks.qrs_off) + T_FROM_J : round(marks.t_off) + 1] - level
    if len(piece):
        smaller, larger = sorted((max(piece.max(), 0.0), max(-piece.min(), 0.0)))
        if smaller >= max(BIPHASIC_SHARE * larger, BIPHASIC_UV):
            flags.append("biphasic T wave in V5")
    if found.t.height < FLAT_T_UV:
        flags.append("flat T wave")
    if found.t.u_fused:
        flags.append("U wave fused with T")
    if marks.p_on + rr - marks.t_off < TOUCHING:  # False when P is NaN
        flags.append("T wave overlaps the next P wave")
    return tuple(flags)
