"""ECGs that can be changed: signals with the marks of their waves, R peaks and measurements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan

import numpy as np
from ecglens.ecg import (
    BEAT_LENGTH,
    FS_HZ,
    INDEPENDENT_INDEX,
    LEADS,
    R_INDEX,
    ExactParameters,
    Record,
    Segments,
    UnusableRecord,
    exact_record,
    filtered,
    from_eight,
    measure,
    median_beat,
    missing_leads,
    pacing_spikes,
    read_beat,
    without_leads,
)
from jaxtyping import Float, Float32, Int

from .checks import with_p
from .dose import MS, Ecg

Peaks = Int[np.ndarray, " peak"]
Signal = Float32[np.ndarray, "12 time"]
UNKNOWN_RR_MS = 1000.0  # 60/min, where neither a strip nor a rate is given
# A spike this many samples before the R peak paces the atria or the ventricles (as in `measure`).
PACES = (5, 200)
HIGHEST_WANDER_HZ = 0.5  # a median beat is made from signals above it


@dataclass(frozen=True, eq=False)
class Marked:
    """ECGs at 500 Hz in µV with what is known of each.

    `x` are median beats (600 samples) or strips; `marks` are samples of the beat, `rr` is in ms,
    `peaks` are the R peaks in samples of the signal. `labels` are the measurements before any
    change, with the duration of P. `reasons` says for each ECG why a label ("pr")
    or the whole ECG ("") cannot be used. With `parameters` the ECGs are exact, and changes of
    them are exact by construction.
    """

    x: Float32[np.ndarray, "ecg 12 time"]
    marks: tuple[Segments, ...]
    rr: Float[np.ndarray, " ecg"]
    peaks: tuple[Peaks, ...]
    ids: tuple[str, ...]
    labels: tuple[Mapping[str, float], ...]
    reasons: tuple[Mapping[str, str], ...]
    parameters: tuple[ExactParameters, ...] | None = None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def strips(self) -> bool:
        """True if the signals are longer than a median beat."""
        return self.x.shape[2] != BEAT_LENGTH

    def one(self, row: int) -> Ecg:
        """One of the ECGs, as it is changed."""
        return Ecg(
            self.x[row, list(INDEPENDENT_INDEX)].astype(float),
            self.marks[row],
            float(self.rr[row]) / MS,
            self.peaks[row],
            self.ids[row],
            self.labels[row],
            self.strips,
        )

    def __getitem__(self, rows: slice | Sequence[int]) -> "Marked":
        """Some of the ECGs, in this order."""
        order = range(len(self))[rows] if isinstance(rows, slice) else [int(row) for row in rows]
        known = self.parameters
        return Marked(
            self.x[list(order)],
            tuple(self.marks[row] for row in order),
            self.rr[list(order)],
            tuple(self.peaks[row] for row in order),
            tuple(self.ids[row] for row in order),
            tuple(self.labels[row] for row in order),
            tuple(self.reasons[row] for row in order),
            None if known is None else tuple(known[row] for row in order),
        )

    def knowing(self, known: Sequence[Mapping[str, str]]) -> "Marked":
        """Median beats with these reasons too: their strips show more, such as atrial fibrillation.

        Strips and exact ECGs have all their reasons and stay as they are.
        """
        if self.strips or self.parameters is not None:
            return self
        both = tuple(_both(*each) for each in zip(known, self.reasons, strict=True))
        labels = tuple(
            {name: nan if name in why else value for name, value in own.items()}
            for own, why in zip(self.labels, both, strict=True)
        )
        return replace(self, labels=labels, reasons=both)

    def after(self, before: "Marked") -> "Marked":
        """ECGs that were changed, in the order of `before`, with the reasons that still hold."""
        if self.strips or self.parameters is not None:
            return self
        each = zip(before.reasons, before.x, self.x, self.rr, strict=True)
        return self.knowing([_still(*one) for one in each])


def _still(
    known: Mapping[str, str], before: Signal, after: Signal, rr_ms: float
) -> Mapping[str, str]:
    """Reasons of a changed beat: what the beat itself shows is read again, the strip's stay."""
    if not any(known):
        return known
    # No beat is found in a strip of zeros.
    strip, rate = np.zeros_like(before), {"rate": 6e4 / rr_ms}
    was, now = (
        measure(median_beat(Record(strip, beat=beat, labels=rate))).reasons
        for beat in (before, after)
    )
    found = {
        name: now.get(name, "") if was.get(name) == why else why for name, why in known.items()
    }
    return {name: why for name, why in found.items() if why}


def _both(of_strip: Mapping[str, str], of_beat: Mapping[str, str]) -> Mapping[str, str]:
    """Reasons of a strip and its beat; an ECG that is paced cannot be changed at all."""
    paced = next((why for why in of_strip.values() if why.endswith("pacing")), "")
    whole = paced or ", ".join(filter(None, (of_beat.get(""), of_strip.get("pr"))))
    return {**of_strip, **of_beat, **({"": whole} if paced or "" in of_beat else {})}


def marked(
    x: Float[np.ndarray, "ecg 12 time"],
    fs: float = FS_HZ,
    marks: Sequence[Segments] | None = None,
    parameters: Sequence[ExactParameters] | None = None,
    rr_ms: Sequence[float] | None = None,
    ids: Sequence[str] | None = None,
) -> Marked:
    """ECGs with their marks: given ones, those of the exact parameters, or else measured.

    `x` are median beats (600 samples, R peak at sample 250) or strips, in µV; III, aVR, aVL and aVF
    are derived from I and II, so that they are the same before and after a change. Where `rr_ms` is
    missing, a beat counts as one of 60/min. Raises ValueError for another shape or rate, values
    that are not finite, or another number of marks, parameters, RR intervals or names.
    """
    x = _checked(np.asarray(x), fs)
    for what, given in (("marks", marks), ("parameters", parameters), ("RR", rr_ms), ("ids", ids)):
        if given is not None and len(given) != len(x):
            raise ValueError(f"expected {what} for each of {len(x)} ECGs, got {len(given)}")
    names = tuple(ids) if ids is not None else tuple(map(str, range(len(x))))
    if parameters is not None:
        return _exact(x, tuple(parameters), names)
    x = np.stack([_derived(signal) for signal in x]) if len(x) else x
    each = _strip if x.shape[2] != BEAT_LENGTH else _beat
    found = [
        each(
            signal,
            None if marks is None else marks[row],
            UNKNOWN_RR_MS if rr_ms is None or not rr_ms[row] > 0 else float(rr_ms[row]),
        )
        for row, signal in enumerate(x)
    ]
    segments, rr, peaks, labels, reasons = zip(*found, strict=True) if found else ((),) * 5
    return Marked(x, segments, np.array(rr, float), peaks, names, labels, reasons)


def _checked(x: np.ndarray, fs: float) -> Float32[np.ndarray, "ecg 12 time"]:
    if x.ndim != 3 or x.shape[1] != len(LEADS) or x.shape[2] < BEAT_LENGTH:
        raise ValueError(
            f"expected ECGs of shape (batch, 12, time) with at least {BEAT_LENGTH} samples, "
            f"got {x.shape}"
        )
    if fs != FS_HZ:
        raise ValueError(
            f"expected ECGs at {FS_HZ:g} Hz, got {fs:g}; resample them with ecg.resampled()"
        )
    if not np.isfinite(x).all():
        raise ValueError("expected finite values in µV, got NaN or infinity")
    return np.ascontiguousarray(x, np.float32)


def _derived(signal: Signal) -> Signal:
    return without_leads(from_eight(signal[list(INDEPENDENT_INDEX)]), missing_leads(signal))


Found = tuple[Segments, float, np.ndarray, Mapping[str, float], Mapping[str, str]]


def _exact(x: np.ndarray, parameters: tuple[ExactParameters, ...], ids: tuple[str, ...]) -> Marked:
    rr = np.array([each.rr_samples * MS for each in parameters])
    beats = x.shape[2] == BEAT_LENGTH
    return Marked(
        x,
        tuple(each.marks for each in parameters),
        rr,
        tuple(
            beat_peaks(one) if beats else _within(exact_record(each).r_peaks, x.shape[2])
            for one, each in zip(rr, parameters, strict=True)
        ),
        ids,
        tuple(with_p(each.labels, each.marks) for each in parameters),
        tuple({} if each.conducted else {"pr": _no_pr(each)} for each in parameters),
        parameters,
    )


def _no_pr(parameters: ExactParameters) -> str:
    return "atrial fibrillation" if parameters.irregular else "P wave not locked to QRS"


def _within(peaks: Peaks | None, length: int) -> Peaks:
    every = np.empty(0, int) if peaks is None else peaks
    return every[(every >= 0) & (every < length)]


def _beat(signal: Float32[np.ndarray, "12 600"], given: Segments | None, rr_ms: float) -> Found:
    """A median beat without its strip: whether the rhythm is regular is unknown."""
    if missing := _missing(signal):
        return given or Segments(), rr_ms, beat_peaks(rr_ms), {}, missing
    eight = signal[list(INDEPENDENT_INDEX)].astype(float)
    labels, marks = read_beat(signal, rr_ms)
    peaks, alike = _neighbours(eight, marks, beat_peaks(rr_ms))
    ahead = R_INDEX - pacing_spikes(eight)
    paced = bool(((ahead >= PACES[0]) & (ahead < PACES[1])).any())
    reason = "paced" if paced else "" if alike else "the next beat in the window is another one"
    labels = with_p({**labels, "rate": 6e4 / rr_ms}, marks)
    return given or marks, rr_ms, peaks, labels, {"": reason} if reason else {}


# A neighbouring QRS complex in the window of a median beat lies this close to where RR puts it, and
# is of the same origin above this correlation over all leads (as beats of a median are chosen).
BESIDE, ALIKE = 15, 0.9


def _neighbours(
    eight: Float[np.ndarray, "8 600"], marks: Segments, peaks: Peaks
) -> tuple[Peaks, bool]:
    """R peaks where the neighbouring QRS complexes are, and whether all in the window are alike.

    A neighbour whose QRS complex is not wholly in the window stays where RR puts it.
    """
    if isnan(marks.qrs_on) or isnan(marks.qrs_off):
        return peaks, True
    first, last = round(marks.qrs_on), round(marks.qrs_off)
    qrs, found = _centred(eight[:, first : last + 1]), peaks.copy()
    for place, peak in enumerate(peaks):
        shift = int(peak) - R_INDEX
        if not shift or first + shift < BESIDE or last + shift >= eight.shape[1] - BESIDE:
            continue
        likeness = [
            float(np.sum(qrs * _centred(eight[:, first + shift + by : last + shift + by + 1])))
            for by in range(-BESIDE, BESIDE + 1)
        ]
        if max(likeness) < ALIKE:
            return peaks, False
        found[place] += int(np.argmax(likeness)) - BESIDE
    return found, True


def _centred(piece: Float[np.ndarray, "8 piece"]) -> Float[np.ndarray, "8 piece"]:
    """Piece without its mean in each lead, of length 1."""
    flat = piece - piece.mean(axis=1, keepdims=True)
    return flat / max(float(np.linalg.norm(flat)), np.finfo(float).tiny)


def _strip(signal: Signal, given: Segments | None, rr_ms: float) -> Found:
    """A strip, by its median beat; one without a median beat has the reason for it."""
    try:
        beat = median_beat(Record(signal))
    except UnusableRecord as problem:
        return Segments(), rr_ms, np.empty(0, int), {}, {"": str(problem)}
    found = measure(beat)
    reasons = {**found.reasons, **_missing(signal)}
    if "qrs" in reasons:
        reasons[""] = reasons["qrs"]
    median = median_of_strip(signal, beat.r_peaks)
    labels, marks = ({}, Segments()) if median is None else read_beat(median, beat.rr_ms)
    labels = with_p({**labels, "rate": 6e4 / beat.rr_ms}, marks)
    labels |= {name: np.nan for name in labels if name in reasons}
    return given or found.segments, beat.rr_ms, beat.r_peaks, labels, reasons


def _missing(signal: Signal) -> dict[str, str]:
    still = missing_leads(signal)
    return {"": f"without a signal in {', '.join(still)}"} if still else {}


def beat_peaks(rr_ms: float) -> Peaks:
    """R peaks of a median beat and of two neighbours on each side, in its samples."""
    rr = max(round(rr_ms / MS), 1)
    return R_INDEX + rr * np.arange(-2, 3)


def median_of_strip(
    signal: Float[np.ndarray, "12 time"], peaks: Peaks
) -> Float[np.ndarray, "12 600"] | None:
    """Median beat at known R peaks; None if no beat lies wholly within the strip."""
    eight = filtered(signal[list(INDEPENDENT_INDEX)].astype(float), low_hz=HIGHEST_WANDER_HZ)
    starts = [p - R_INDEX for p in peaks if R_INDEX <= p <= signal.shape[1] + R_INDEX - BEAT_LENGTH]
    if not starts:
        return None
    beats = np.stack([eight[:, start : start + BEAT_LENGTH] for start in starts])
    return from_eight(np.median(beats, axis=0))
