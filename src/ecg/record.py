"""Record of one ECG, checked, and the twelve leads: their order, completion from eight, gaps."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real

import numpy as np
from jaxtyping import Float, Float32

from .waves import BEAT_LENGTH, FS_HZ, R_INDEX, Segments

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
INDEPENDENT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
INDEPENDENT_INDEX = tuple(LEADS.index(name) for name in INDEPENDENT)
V5 = LEADS.index("V5")
# At lower rates the error of the QRS onset is more than ± 10 ms.
MIN_FS_HZ = 100.0
# Columns of a table of prepared ECGs that no label may replace: text, of which `reasons` is JSON
# with the reason for each missing number, and the wave marks.
TEXT = ("id", "patient", "given", "flags", "reasons")
MARKS = ("p_on", "p_off", "qrs_on", "qrs_off", "t_on", "t_off")
# Separates the names of labels in `given` and the findings in `flags`, which contain spaces.
SEPARATOR = "; "
# µV; a QRS complex below it in every lead of every ECG is no ECG in µV.
SMALLEST_UV = 20.0

FOLLOWING = slice(2, 6)  # III, aVR, aVL, aVF, which follow from I and II
# Matrix that makes twelve leads of the eight independent ones.
COMPLETION = np.zeros((len(LEADS), len(INDEPENDENT)))
COMPLETION[INDEPENDENT_INDEX, range(len(INDEPENDENT))] = 1.0
# Einthoven 1908 (III = II − I) and Goldberger 1942 (augmented leads).
COMPLETION[FOLLOWING, :2] = [[-1.0, 1.0], [-0.5, -0.5], [1.0, -0.5], [-0.5, 1.0]]


def from_eight(signal: Float[np.ndarray, "*batch 8 time"]) -> Float[np.ndarray, "*batch 12 time"]:
    """Twelve leads from I, II, V1…V6, by Einthoven's and Goldberger's equations."""
    # As floats, also where the leads are integers: aVR is half of a sum.
    return COMPLETION.astype(np.result_type(signal.dtype, np.float32)) @ signal


def missing_leads(signal: Float[np.ndarray, "12 time"]) -> tuple[str, ...]:
    """Independent leads whose samples are all equal: nothing was recorded."""
    still = np.ptp(signal[list(INDEPENDENT_INDEX)], axis=1) == 0.0
    return tuple(lead for lead, is_still in zip(INDEPENDENT, still, strict=True) if is_still)


def without_leads(
    signal: Float[np.ndarray, "12 time"], leads: Collection[str]
) -> Float[np.ndarray, "12 time"]:
    """Signal with these independent leads, and the leads that follow from them, at zero.

    III, aVR, aVL and aVF follow from I and II: without one of these, each would be a copy of the
    other under a wrong name.
    """
    off = signal.copy()
    off[[LEADS.index(lead) for lead in leads]] = 0.0
    if not {"I", "II"}.isdisjoint(leads):
        off[FOLLOWING] = 0.0
    return off


def in_order(
    signal: Float[np.ndarray, "lead time"], names: Sequence[str]
) -> Float[np.ndarray, "12 time"]:
    """Twelve leads in the standard order, by name (in any case); other leads are ignored.

    Missing limb leads are computed from I and II. Raises ValueError when that is impossible, for a
    lead that is there twice, and unless there is a name for each row.
    """
    lower = [name.strip().lower() for name in names]
    if len(names) != len(signal):
        raise ValueError(f"expected a name for each of {len(signal)} leads, got {len(names)}")
    if twice := [name for name in LEADS if lower.count(name.lower()) > 1]:
        raise ValueError(f"expected each lead once, got {', '.join(twice)} again; rename one")
    rows = dict(zip(lower, signal, strict=True))
    if all(name.lower() in rows for name in LEADS):
        return np.stack([rows[name.lower()] for name in LEADS])
    if all(name.lower() in rows for name in INDEPENDENT):
        return from_eight(np.stack([rows[name.lower()] for name in INDEPENDENT]))
    missing = [name for name in LEADS if name.lower() not in rows]
    raise ValueError(
        f"expected the leads {', '.join(LEADS)} (or at least {', '.join(INDEPENDENT)}), "
        f"got {', '.join(names)}; missing: {', '.join(missing)}"
    )


class UnusableRecord(Exception):  # noqa: N818 - a name of the field, public
    """No median beat can be formed; the message has the reason in one line."""


@dataclass(frozen=True)
class Record:
    """A 12-lead ECG in µV, leads I, II, III, aVR, aVL, aVF, V1…V6.

    `labels` are known values by name, such as those of a Measurement ("pr": 160.0), NaN where one
    is missing; they become floats. `beat` is a given median beat (12, 600) at 500 Hz with its R
    peak at sample 250, `marks` are its known fiducial points in samples. `r_peaks` are known R
    peaks in samples of the signal, including peaks outside it whose beats reach into it. Raises
    ValueError for another shape, NaN, infinity, a rate below 100 Hz, an id or a patient that is no
    text, a label that is infinite or no number, and for the name of another column (TEXT, MARKS) or
    one with SEPARATOR in it.
    """

    signal: np.ndarray  # (12, time); the constructor checks it and makes it float32
    fs: float = FS_HZ
    id: str = ""
    patient: str = ""
    labels: Mapping[str, float] = field(default_factory=dict)
    beat: np.ndarray | None = None
    marks: Segments | None = None
    r_peaks: np.ndarray | None = None

    def __post_init__(self) -> None:
        name = f"record {self.id!r}"
        for what, said in (("id", self.id), ("patient", self.patient)):
            if not isinstance(said, str):
                raise ValueError(
                    f"{name}: expected the {what} as text, got {said!r}; write a number as "
                    "str(…), and leave out what is unknown"
                )
        object.__setattr__(self, "fs", checked_rate(self.fs, name))
        object.__setattr__(self, "signal", checked(self.signal, f"{name}: signal"))
        if self.beat is not None:
            beat = checked(self.beat, f"{name}: beat")
            if beat.shape[1] != BEAT_LENGTH:
                raise ValueError(
                    f"{name}: expected a given median beat of shape (12, {BEAT_LENGTH}), "
                    f"got {beat.shape}; resample it to 500 Hz and cut it from {R_INDEX} samples "
                    f"before its R peak"
                )
            object.__setattr__(self, "beat", beat)
        object.__setattr__(self, "labels", _checked_labels(self.labels, name))
        if self.r_peaks is not None:
            peaks = np.asarray(self.r_peaks)
            if peaks.ndim != 1 or peaks.dtype.kind not in "iuf" or not np.isfinite(peaks).all():
                raise ValueError(
                    f"{name}: expected the samples of its R peaks as a list of numbers, got "
                    f"{peaks.tolist()!r:.60}; leave out a peak that is unknown"
                )
            object.__setattr__(self, "r_peaks", peaks)


def _checked_labels(labels: object, name: str) -> dict[str, float]:
    if not isinstance(labels, Mapping):
        raise ValueError(f"{name}: expected labels by name, got {labels!r:.60}; {{}} for none")
    for label, value in labels.items():
        if not isinstance(label, str) or label in (*TEXT, *MARKS) or SEPARATOR in label:
            raise ValueError(f"{name}: expected another name for a label than {label!r}; rename it")
        if not isinstance(value, Real | np.bool_) or np.isinf(float(value)):
            raise ValueError(
                f"{name}: expected a number for the label {label!r}, got {value!r:.60}; give NaN "
                "where it is missing"
            )
    return {label: float(value) for label, value in labels.items()}


def checked_rate(fs: object, name: str) -> float:
    """Sampling rate in Hz; ValueError for a rate that is no number or below 100."""
    rate = np.asarray(fs)
    number = rate.ndim == 0 and rate.dtype.kind in "iuf"
    if not (number and np.isfinite(rate) and rate >= MIN_FS_HZ):
        raise ValueError(
            f"{name}: expected a sampling rate of at least {MIN_FS_HZ:g} Hz, got {fs!r}; "
            "give the rate at which it was recorded, as a number"
        )
    return float(rate)


def fault_of_unit(largest: float) -> str:
    """Message for ECGs of which no value is larger, as µV are; empty where they may be in µV."""
    if largest >= SMALLEST_UV:
        return ""
    return (
        f"expected ECGs in µV, got a largest value of {largest:.3g}: are they in mV, or "
        "normalised? Multiply mV by 1000"
    )


def checked(signal: object, name: str) -> Float32[np.ndarray, "12 time"]:
    """Signal as (12, time) float32; ValueError for another shape or values that are not finite."""
    try:
        array = np.asarray(signal, dtype=np.float32)
    except (TypeError, ValueError) as problem:
        raise ValueError(f"{name}: expected numbers of shape (12, time), got {problem}") from None
    if array.ndim != 2 or array.shape[0] != len(LEADS) or array.shape[1] == 0:
        raise ValueError(
            f"{name}: expected shape (12, time) with the leads {', '.join(LEADS)}, "
            f"got {array.shape}; {_advice(array.shape)}"
        )
    if not np.isfinite(array).all():
        bad = ~np.isfinite(array)
        leads = [lead for lead, row in zip(LEADS, bad, strict=True) if row.any()]
        raise ValueError(
            f"{name}: expected finite values, got {int(bad.sum())} NaN or infinite values in "
            f"{', '.join(leads)}; interpolate them or leave the record out"
        )
    return array


def _advice(shape: tuple[int, ...]) -> str:
    if len(shape) == 2 and shape[1] == len(LEADS):
        return "transpose it: time is the last axis"
    if len(shape) == 2 and shape[0] == 8:
        return "complete the eight independent leads with ecglens.ecg.from_eight()"
    if len(shape) == 3:
        return "make one Record per ECG"
    return "put the leads in order with ecglens.ecg.in_order(signal, names)"
