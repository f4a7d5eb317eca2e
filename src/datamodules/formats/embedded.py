"""What a recorder's file holds beside the strip: its own measurements and its own typical beat."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from math import inf, isnan, nan

import numpy as np
from jaxtyping import Float

from ...ecg import (
    BEAT_LENGTH,
    HOUSE_FS_HZ,
    INDEPENDENT_INDEX,
    R_INDEX,
    Record,
    Segments,
    filtered,
    missing_leads,
    resampled,
)

# µV in one of the units that recorders write. Case matters: mV is not MV.
MICROVOLTS = {
    **dict.fromkeys(("uV", "µV", "μV", "MICROVOLTS"), 1.0),  # micro sign, Greek mu
    **dict.fromkeys(("mV", "MILLIVOLTS"), 1e3),
    "V": 1e6,
    "nV": 1e-3,
}
# Makers of the labels of a recorder's files, as in provenance.
BY_RECORDER: Mapping[str, str] = dict.fromkeys(("pr", "qrs", "qt", "rate"), "recorder")
# The band of r_peaks, and how far a strip's R peaks can be moved onto those of a given beat; every
# recorder here puts the QRS complex of its typical beat within this of 500 ms, if not on it.
QRS_BAND_HZ = (5.0, 30.0)
REACH = 30  # samples at 500 Hz
# A QRS complex of this share of the beat's largest energy is the beat's own: those before and after
# it, seen at high rates, are blurred and at most as high; P and T are far below it.
SHARE = 0.5
# Leads this close are the same: below it ecg calls a lead flat. A pulse is 1 mV by convention.
SAME_UV, PULSE_UV = 20.0, 500.0


@dataclass(frozen=True, eq=False)
class TypicalBeat:
    """A recorder's own median or mean beat in µV, leads in order, at its own rate and length.

    `r_ms` is its reference point in the QRS complex where the file names one; `points` are its
    fiducial points by the names of Segments. Both in ms from the first sample.
    """

    signal: Float[np.ndarray, "12 time"]
    fs: float
    r_ms: float = nan
    points: Mapping[str, float] = field(default_factory=dict)

    def placed(self) -> tuple[Float[np.ndarray, "12 600"], Segments | None]:
        """The beat at 500 Hz, its R peak at sample 250, and its marks if they follow each other.

        The R peak is the reference point, else where the leads deflect most together. Nothing is
        padded or moved by a part of a sample: ValueError, with the reason, when 600 samples
        around it cannot be had like that.
        """
        middle = slice(R_INDEX - REACH, R_INDEX + REACH + 1)
        lasts = self.signal.shape[1] * HOUSE_FS_HZ / self.fs  # samples at 500 Hz
        if lasts <= middle.stop:
            raise ValueError(f"it lasts {_ms(lasts)} ms, 1200 are needed")
        house = resampled(np.asarray(self.signal, float), self.fs)
        qrs = np.sum(filtered(house[list(INDEPENDENT_INDEX)], *QRS_BAND_HZ) ** 2, axis=0)
        summit = float(middle.start + np.argmax(qrs[middle]))
        if qrs[int(summit)] < SHARE * qrs.max():
            raise ValueError("it has no QRS complex around 500 ms")
        r = summit if isnan(self.r_ms) else self.r_ms * HOUSE_FS_HZ / 1e3
        if r != int(r) or abs(r - summit) >= REACH:
            raise ValueError(f"its R peak is named at {_ms(r)} ms and seen at {_ms(summit)}")
        start, end = int(r) - R_INDEX, int(r) - R_INDEX + BEAT_LENGTH
        if start < 0 or end > house.shape[1]:
            before, after = _ms(r), _ms(house.shape[1] - r)
            raise ValueError(
                f"it has {before} ms before its R peak and {after} behind, 500 and 700 are needed"
            )
        points = {name: ms * HOUSE_FS_HZ / 1e3 - start for name, ms in self.points.items()}
        marks = replace(Segments(), **points) if _in_turn(points) else None
        return house[:, start:end], marks


@dataclass(frozen=True, eq=False)
class Embedded:
    """One file: its strip in µV, leads in order, and what its recorder made of it."""

    signal: Float[np.ndarray, "12 time"]
    fs: float
    patient: str = ""
    labels: Mapping[str, float] = field(default_factory=dict)
    typical: TypicalBeat | None = None

    def record(self, id: str) -> Record:
        """The record without a calibration pulse at its end.

        The typical beat is its beat only where that can be placed exactly.
        """
        beat, marks = None, None
        if self.typical is not None:
            # Otherwise our own median beat is made; the labels stay the file's.
            with suppress(ValueError):
                beat, marks = self.typical.placed()
                if set(missing_leads(beat)) - set(missing_leads(self.signal)):
                    beat, marks = None, None  # the strip has more leads
        signal = without_calibration(self.signal)
        return Record(signal, self.fs, id, self.patient, self.labels, beat, marks)


def without_calibration(
    signal: Float[np.ndarray, "12 time"],
) -> Float[np.ndarray, "12 shorter"]:
    """The signal up to where all twelve leads become one and the same for good.

    Philips ends each strip with zeros and a pulse of 1 mV in every lead; converters filter both. No
    heart makes that: with I = II = III, Einthoven's law leaves zero. Zeros without a pulse stay.
    """
    differ = np.flatnonzero(np.ptp(signal, axis=0) > SAME_UV)
    end = differ[-1] + 1 if len(differ) else 0
    pulse = np.abs(signal[:, end:]).max(initial=0.0) > PULSE_UV
    return signal[:, :end] if end and pulse else signal


def microvolts(unit: str | None, where: str) -> float:
    """µV in one of this unit; ValueError for a unit that is unknown or not given."""
    if unit not in MICROVOLTS:
        raise ValueError(f"expected for {where} a unit of uV, mV, V or nV, got {unit!r}")
    return MICROVOLTS[unit]


def existing(value: float) -> float:
    """An interval or a rate; NaN for 0 and below, which recorders write for "none found".

    NaN for infinity too, as of 1e999 in a damaged file.
    """
    return value if 0 < value < inf else nan


def age_on(day: str | None, birth: str | None) -> float | None:
    """Age in years from two dates such as 2002-11-22 or 20021122; None without both."""
    try:
        return (date.fromisoformat(day or "") - date.fromisoformat(birth or "")).days / 365.25
    except ValueError:
        return None


def _in_turn(points: Mapping[str, float]) -> bool:
    """Whether the marks lie in the beat in the order of Segments, QRS and the end of T among them.

    P may be missing, as in atrial fibrillation, and no format marks the onset of T.
    """
    order = ("p_on", "p_off", "qrs_on", "qrs_off", "t_on", "t_off")
    known = {name: points[name] for name in order if not isnan(points.get(name, nan))}
    inside = all(0 <= sample < BEAT_LENGTH for sample in known.values())
    in_order = list(known.values()) == sorted(known.values())
    return inside and in_order and known.keys() >= {"qrs_on", "qrs_off", "t_off"}


def _ms(samples: float) -> str:
    return f"{samples * 1e3 / HOUSE_FS_HZ:g}"
