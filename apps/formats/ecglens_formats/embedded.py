"""Contents of a recorder's file: the strip, measurements and typical beat; and safe XML."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from math import inf, isfinite, isnan, nan
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import parse
from ecglens.datamodules import damage_named
from ecglens.ecg import (
    BEAT_LENGTH,
    FS_HZ,
    INDEPENDENT_INDEX,
    QRS_BAND_HZ,
    R_INDEX,
    Record,
    Segments,
    filtered,
    missing_leads,
    resampled,
)
from jaxtyping import Float, Real

# µV in one of the units that recorders write. Case matters: mV is not MV.
MICROVOLTS = {
    **dict.fromkeys(("uV", "µV", "μV", "MICROVOLTS"), 1.0),  # micro sign, Greek mu
    **dict.fromkeys(("mV", "MILLIVOLTS"), 1e3),
    "V": 1e6,
    "nV": 1e-3,
}
# Makers of the labels of a recorder's files, as in records.MAKERS.
BY_RECORDER: Mapping[str, str] = dict.fromkeys(("pr", "qrs", "qt", "rate"), "recorder")
# Largest shift of a strip's R peaks onto those of a given beat, in samples at 500 Hz. Every
# recorder here has the QRS complex of its typical beat within it of 500 ms.
REACH = 30
# A QRS complex with this share of the largest energy belongs to the beat: at high rates the
# neighbouring complexes are visible, but blurred and at most as high; P and T are far lower.
SHARE = 0.5
# Leads that differ by less are equal (ecg calls a smaller lead flat). A pulse has 1 mV.
SAME_UV, PULSE_UV = 20.0, 500.0


@dataclass(frozen=True, eq=False)
class TypicalBeat:
    """Median or mean beat of a recorder in µV, leads in order, at its own rate and length.

    `r_ms` is the reference point in the QRS complex, if the file has one; `points` are fiducial
    points by the names of Segments. Both are in ms from the first sample.
    """

    signal: Float[np.ndarray, "12 time"]
    fs: float
    r_ms: float = nan
    points: Mapping[str, float] = field(default_factory=dict)

    def placed(self) -> tuple[Float[np.ndarray, "12 600"], Segments | None]:
        """Beat at 500 Hz with its R peak at sample 250, and its marks if they are in order.

        The R peak is the reference point, or else the largest deflection of all leads together.
        Nothing is padded or shifted by part of a sample. Raises ValueError, with the reason, when
        there are no 600 such samples around the R peak.
        """
        middle = slice(R_INDEX - REACH, R_INDEX + REACH + 1)
        lasts = self.signal.shape[1] * FS_HZ / self.fs  # samples at 500 Hz
        if lasts <= middle.stop:
            raise ValueError(f"it lasts {_ms(lasts)} ms, 1200 are needed")
        beat = resampled(np.asarray(self.signal, float), self.fs)
        qrs = np.sum(filtered(beat[list(INDEPENDENT_INDEX)], *QRS_BAND_HZ) ** 2, axis=0)
        summit = float(middle.start + np.argmax(qrs[middle]))
        if qrs[int(summit)] < SHARE * qrs.max():
            raise ValueError("it has no QRS complex around 500 ms")
        r = summit if isnan(self.r_ms) else self.r_ms * FS_HZ / 1e3
        if r != int(r) or abs(r - summit) >= REACH:
            raise ValueError(f"its R peak is named at {_ms(r)} ms and seen at {_ms(summit)}")
        start, end = int(r) - R_INDEX, int(r) - R_INDEX + BEAT_LENGTH
        if start < 0 or end > beat.shape[1]:
            before, after = _ms(r), _ms(beat.shape[1] - r)
            raise ValueError(
                f"it has {before} ms before its R peak and {after} behind, 500 and 700 are needed"
            )
        points = {name: ms * FS_HZ / 1e3 - start for name, ms in self.points.items()}
        marks = replace(Segments(), **points) if _in_turn(points) else None
        return beat[:, start:end], marks


@dataclass(frozen=True, eq=False)
class Embedded:
    """Contents of one file: the strip in µV, leads in order, and the recorder's results."""

    signal: Float[np.ndarray, "12 time"]
    fs: float
    patient: str = ""
    labels: Mapping[str, float] = field(default_factory=dict)
    typical: TypicalBeat | None = None

    def record(self, id: str) -> Record:
        """Record without the calibration pulse at its end.

        It has the typical beat as its beat if that can be placed exactly.
        """
        beat, marks = None, None
        if self.typical is not None:
            # Without a placed beat a median beat is formed here; the labels are still the file's.
            with suppress(ValueError):
                beat, marks = self.typical.placed()
                if set(missing_leads(beat)) - set(missing_leads(self.signal)):
                    beat, marks = None, None  # the strip has more leads
        signal = without_calibration(self.signal)
        return Record(signal, self.fs, id, self.patient, self.labels, beat, marks)


def without_calibration(signal: Float[np.ndarray, "12 time"]) -> Float[np.ndarray, "12 shorter"]:
    """Signal up to the last sample at which the twelve leads differ, if a pulse follows.

    Philips ends each strip with zeros and a pulse of 1 mV in every lead; converters filter both. A
    heart cannot do that: if I = II = III, Einthoven's law leaves zero. Zeros without a pulse are
    kept.
    """
    differ = np.flatnonzero(np.ptp(signal, axis=0) > SAME_UV)
    end = differ[-1] + 1 if len(differ) else 0
    pulse = np.abs(signal[:, end:]).max(initial=0.0) > PULSE_UV
    return signal[:, :end] if end and pulse else signal


# Recorders pad typical beats with the smallest (Mortara) or largest (Philips) 16-bit number. At
# 2.5 µV per digit that would be 82 mV, more than an electrode gives.
EXTREMES = (-(2**15), 2**15 - 1)


def unpadded(digits: Real[np.ndarray, "time channel"], declared: Sequence[int] = ()) -> slice:
    """Slice of the samples without the padding at both ends.

    Padding is a sample in which every channel has a declared value or one of the EXTREMES. Raises
    ValueError when nothing is left, and for an extreme within the waveform.
    """
    kept = np.flatnonzero(~np.isin(digits, [*EXTREMES, *declared]).all(axis=1))
    if not len(kept):
        raise ValueError("expected a waveform, got padding alone")
    inside = slice(int(kept[0]), int(kept[-1]) + 1)
    if np.isin(digits[inside], EXTREMES).any():
        raise ValueError("expected every sample, got padding within the waveform")
    return inside


def microvolts(unit: str | None, where: str) -> float:
    """Size of a unit in µV; ValueError for an unknown or missing unit."""
    if unit not in MICROVOLTS:
        raise ValueError(f"expected for {where} a unit of uV, mV, V or nV, got {unit!r}")
    return MICROVOLTS[unit]


def existing(value: float) -> float:
    """An interval or a rate; NaN for 0 and below, which recorders write for "none found".

    Infinity, as from 1e999 in a damaged file, is NaN too.
    """
    return value if 0 < value < inf else nan


def age_on(day: str | None, birth: str | None) -> float | None:
    """Age in years from two dates such as 2002-11-22 or 20021122; None if one is missing."""
    try:
        return (date.fromisoformat(day or "") - date.fromisoformat(birth or "")).days / 365.25
    except ValueError:
        return None


def _in_turn(points: Mapping[str, float]) -> bool:
    """True if the marks lie in the beat in the order of Segments and include QRS and T's end.

    P may be missing, as in atrial fibrillation; no format marks the onset of T.
    """
    order = ("p_on", "p_off", "qrs_on", "qrs_off", "t_on", "t_off")
    known = {name: points[name] for name in order if not isnan(points.get(name, nan))}
    inside = all(0 <= sample < BEAT_LENGTH for sample in known.values())
    in_order = list(known.values()) == sorted(known.values())
    return inside and in_order and known.keys() >= {"qrs_on", "qrs_off", "t_off"}


def _ms(samples: float) -> str:
    return f"{samples * 1e3 / FS_HZ:g}"


def read_xml(path: Path, root: str) -> Element:
    """Root element, which must have this name in any namespace.

    Internal and external entities are refused: a few lines of them can fill the memory or read
    other files. Raises OSError for a missing file, ValueError for anything else.
    """
    try:
        with damage_named(path.name):
            found = parse(path).getroot()
    except ValueError as problem:
        if isinstance(problem.__cause__, DefusedXmlException):
            raise ValueError(
                f"expected XML without entities in {path.name}, got {problem.__cause__}; "
                "a recorder writes none: do not open this file elsewhere"
            ) from None
        raise
    name = "" if found is None else local(found)
    if found is None or name != root:
        raise ValueError(f"expected <{root}> in {path.name}, got <{name}>")
    return found


def local(element: Element) -> str:
    """Name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def below(element: Element, path: str) -> list[Element]:
    """All elements at a path such as "waveforms/repbeats", in any namespace."""
    return element.findall("/".join(f"{{*}}{name}" for name in path.split("/")))


def text(element: Element, path: str) -> str | None:
    """Text of the element at a path, "" if it is empty; None without such an element."""
    found = below(element, path)
    return (found[0].text or "").strip() if found else None


def number(words: str | None) -> float:
    """Number in a text; NaN for None, for a text such as "Failed", and for infinity."""
    try:
        value = float(words or "")
    except ValueError:
        return nan
    return value if isfinite(value) else nan
