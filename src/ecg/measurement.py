"""What is read from a beat: intervals, amplitudes in V5, rate, and why something is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan, nan

import numpy as np
from jaxtyping import Float

from .leads import INDEPENDENT_INDEX, V5
from .median_beat import Beat
from .p_wave import p_wave
from .qrs import qrs_edges
from .t_wave import t_wave
from .waves import Segments

NAMES = ("pr", "qrs", "qt", "r", "j", "t", "rate")
LEVEL = 8  # samples: the 16 ms before QRS onset are zero
FLAT_T_UV = 50.0


@dataclass(frozen=True)
class Measurement:
    """Intervals in ms, amplitudes in µV in lead V5, rate in 1/min.

    What cannot be measured is NaN and has its reason in `reasons` under its name; `flags` are
    findings that leave the numbers valid but should be known.
    """

    pr: float = nan
    qrs: float = nan
    qt: float = nan
    qt_tangent: float = nan
    r: float = nan
    j: float = nan
    t: float = nan
    rate: float = nan
    segments: Segments = Segments()  # noqa: RUF009 - frozen
    reasons: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()

    def values(self) -> dict[str, float]:
        """The seven measurements by name."""
        return {name: getattr(self, name) for name in NAMES}


def measure(beat: Beat) -> Measurement:
    """The seven measurements of a median beat."""
    eight = beat.signal[list(INDEPENDENT_INDEX)].astype(float)
    ms = 1e3 / beat.fs
    reasons: dict[str, str] = {}
    flags: list[str] = []
    rate = 6e4 / beat.rr_ms
    qrs_on, qrs_off = qrs_edges(eight)
    if isnan(qrs_on) or isnan(qrs_off):
        reasons = dict.fromkeys(NAMES[:-1], "QRS complex without clear edges")
        return Measurement(rate=rate, reasons=reasons)
    rr_ms = 1000.0 if isnan(beat.rr_ms) else beat.rr_ms
    first, last = round(qrs_on), round(qrs_off)
    above = eight - eight[:, first - LEVEL : first].mean(axis=1, keepdims=True)
    t = t_wave(above, qrs_on, qrs_off, rr_ms)
    p = p_wave(above, qrs_on, earliest=t.off - rr_ms / ms if not isnan(t.off) else 0.0)
    v5 = beat.signal[V5].astype(float)
    v5 = v5 - v5[first - LEVEL : first].mean()
    if isnan(t.off):
        reasons["qt"] = reasons["t"] = "no T wave found"
    if isnan(p.on):
        reasons["pr"] = "no P wave found"
    return Measurement(
        pr=(qrs_on - p.on) * ms,
        qrs=(qrs_off - qrs_on) * ms,
        qt=(t.off - qrs_on) * ms,
        qt_tangent=(t.tangent - qrs_on) * ms,
        r=max(float(v5[first : last + 1].max()), 0.0),
        j=float(v5[last]),
        t=nan if isnan(t.off) else _t_amplitude(v5[last + 30 : round(t.off) + 1]),
        rate=rate,
        segments=Segments(p.on, p.off, qrs_on, qrs_off, t.on, t.off),
        reasons=reasons,
        flags=tuple(flags),
    )


def _t_amplitude(piece: Float[np.ndarray, " time"]) -> float:
    return float(piece[np.argmax(np.abs(piece))]) if len(piece) else nan
