"""Reader of HL7 version 3 annotated ECGs (aECG, ANSI/HL7 V3 ECG R1-2004), used in drug trials."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan, nan
from statistics import median
from typing import ClassVar
from xml.etree.ElementTree import Element

import numpy as np
from ecglens.datamodules import FileReader, age_and_sex, damage_named, ordered
from ecglens.ecg import Record
from jaxtyping import Float

from .embedded import (
    Embedded,
    TypicalBeat,
    age_on,
    below,
    existing,
    microvolts,
    number,
    read_xml,
    text,
    unpadded,
)

# Names of IEEE 11073-10102.
LEAD = "MDC_ECG_LEAD_"
INTERVALS = {
    "MDC_ECG_TIME_PD_PR": "pr",
    "MDC_ECG_TIME_PD_QRS": "qrs",
    "MDC_ECG_TIME_PD_QT": "qt",
    "MDC_ECG_HEART_RATE": "rate",
}
WAVES = {"MDC_ECG_WAVC_PWAVE": "p", "MDC_ECG_WAVC_QRSWAVE": "qrs", "MDC_ECG_WAVC_TWAVE": "t"}
MILLISECONDS = {"ms": 1.0, "s": 1e3, "us": 1e-3}
PER_MINUTE = {"bpm": 1.0, "/min": 1.0, "{beats}/min": 1.0, "1/min": 1.0}


def intervals(series: Element) -> dict[str, float]:
    """PR, QRS, QT in ms and rate in 1/min: medians over the beats of a set of annotations.

    The first set with any of them counts. A value without a known unit is ignored.
    """
    for annotations in _sets(series):
        found: dict[str, list[float]] = {}
        for annotation in annotations:
            name = INTERVALS.get(_attribute(annotation, "code") or "")
            if name is not None:
                value = below(annotation, "value")[0]
                units = PER_MINUTE if name == "rate" else MILLISECONDS
                factor = units.get(value.get("unit", ""))
                if factor is not None:
                    size = existing(number(value.get("value")) * factor)
                    found.setdefault(name, []).append(size)
        if found:
            return {name: _median(values) for name, values in found.items()}
    return {}


def wave_points(series: Element) -> dict[str, float]:
    """Onsets and offsets of P, QRS and T by the names of Segments, in ms from the first sample.

    The first set of annotations with any of them counts. Absolute times are ignored.
    """
    for annotations in _sets(series):
        points: dict[str, float] = {}
        for annotation in annotations:
            wave = WAVES.get(_attribute(annotation, "value") or "")
            boundaries = below(annotation, "support/supportingROI/component/boundary")
            for boundary in boundaries if wave else ():
                if _attribute(boundary, "code") == "TIME_RELATIVE":
                    for end, edge in (("low", "on"), ("high", "off")):
                        for limit in below(boundary, f"value/{end}"):
                            unit = MILLISECONDS.get(limit.get("unit", ""), nan)
                            points.setdefault(f"{wave}_{edge}", number(limit.get("value")) * unit)
        if points:
            return points
    return {}


def _sets(series: Element) -> Iterator[list[Element]]:
    """Annotations of each set, nested ones included, without those of a single lead."""
    for found in below(series, "subjectOf/annotationSet"):
        yield [nested for top in below(found, "component/annotation") for nested in _global(top)]


def _global(annotation: Element) -> Iterator[Element]:
    """Annotation and those within it, unless it is of a single lead."""
    boundaries = below(annotation, "support/supportingROI/component/boundary")
    if any((_attribute(boundary, "code") or "").startswith(LEAD) for boundary in boundaries):
        return
    yield annotation
    for nested in below(annotation, "component/annotation"):
        yield from _global(nested)


def _median(values: list[float]) -> float:
    known = [value for value in values if not isnan(value)]
    return median(known) if known else nan


SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
# UCUM's units of age in years.
YEARS = {"a": 1.0, "mo": 1 / 12, "wk": 7 / 365.25, "d": 1 / 365.25}
REPORTED_AGE = "21612-7"  # LOINC
SUBJECT = "componentOf/timepointEvent/componentOf/subjectAssignment/subject/trialSubject"
PERSON = f"{SUBJECT}/subjectDemographicPerson"


@dataclass(frozen=True)
class Aecg(FileReader):
    """All .xml files below `path`: the first rhythm series of each, and its representative beat.

    Labels pr, qrs, qt and rate are the annotations of all leads together; those of the
    representative beat replace those of the strip. Age and sex are those of the trial subject, who
    is the patient.
    """

    version: ClassVar[int] = 2
    endings: ClassVar[tuple[str, ...]] = (".xml",)

    def record(self, name: str) -> Record:
        """Record whose beat is the representative beat, if that can be placed exactly."""
        return self.embedded(name).record(name)

    def embedded(self, name: str) -> Embedded:
        """Contents of the file; errors as in `record`."""
        root = read_xml(self.path / name, "AnnotatedECG")
        rhythm = _series(below(root, "component/series"), "RHYTHM")
        if rhythm is None:
            raise ValueError(f"expected in {name} a series RHYTHM, got none")
        signal, fs = _signal(rhythm, name)
        derived = _series(below(rhythm, "derivation/derivedSeries"), "REPRESENTATIVE_BEAT")
        typical, labels = None, intervals(rhythm)
        if derived is not None:
            beat, beat_fs = _signal(derived, f"{name}, representative beat")
            typical = TypicalBeat(beat, beat_fs, points=wave_points(derived))
            labels |= intervals(derived)
        labels |= age_and_sex(_age(root), _attribute(root, f"{PERSON}/administrativeGenderCode"))
        return Embedded(signal, fs, _patient(root), labels, typical)


def _series(found: list[Element], code: str) -> Element | None:
    """First of these series with this code; None without one."""
    for series in found:
        if below(series, "code")[0].get("code") == code:
            return series
    return None


def _signal(series: Element, where: str) -> tuple[Float[np.ndarray, "12 time"], float]:
    """Leads of a series in µV, in order, and their rate in Hz."""
    sets = below(series, "component/sequenceSet")
    if len(sets) != 1:
        raise ValueError(
            f"expected in {where} one set of simultaneous leads, got {len(sets)}; "
            "leads that were recorded one after the other make no strip"
        )
    names: list[str] = []
    leads: list[tuple[np.ndarray, float, float]] = []
    step_s = nan
    for sequence in below(sets[0], "component/sequence"):
        code = below(sequence, "code")[0].get("code", "")
        value = below(sequence, "value")[0]
        if code.startswith("TIME_"):
            step = below(value, "increment")[0]
            step_s = number(step.get("value")) * SECONDS.get(step.get("unit", ""), nan)
        elif code.startswith(LEAD):
            names.append(code.removeprefix(LEAD))
            leads.append(_lead(value, f"{where}, {code}"))
    if not step_s > 0:
        raise ValueError(f"expected in {where} a time step in s, ms or us, got none")
    with damage_named(where):
        digits = np.stack([lead for lead, _, _ in leads])
    scaled = np.stack([offset + factor * lead for lead, offset, factor in leads])
    # A step of 0.002 s is 500 Hz, not 499.9999….
    return ordered(scaled[:, unpadded(digits.T)], names), round(1 / step_s, 6)


def _lead(value: Element, where: str) -> tuple[Float[np.ndarray, " time"], float, float]:
    """Digits of a lead, and the origin and scale in µV that convert them (SLIST_PQ)."""
    origin, scale = below(value, "origin"), below(value, "scale")
    if not origin or not scale:
        raise ValueError(f"expected in {where} digits with origin and scale, got none")
    with damage_named(where):
        digits = np.array((text(value, "digits") or "").split(), dtype=float)
    offset, factor = (
        number(part.get("value")) * microvolts(part.get("unit"), where)
        for part in (origin[0], scale[0])
    )
    return digits, offset, factor


def _age(root: Element) -> float | None:
    """Age in years as reported with the ECG, or from the date of birth."""
    for observation in below(root, "controlVariable/relatedObservation"):
        value = below(observation, "value")
        if below(observation, "code")[0].get("code") == REPORTED_AGE and value:
            years = number(value[0].get("value")) * YEARS.get(value[0].get("unit", ""), nan)
            if not isnan(years):
                return years
    times = [_attribute(root, f"effectiveTime/{at}", "value") for at in ("center", "low")]
    day = next((time[:8] for time in times if time), None)
    return age_on(day, (_attribute(root, f"{PERSON}/birthTime", "value") or "")[:8])


def _patient(root: Element) -> str:
    id = f"{SUBJECT}/id"
    return _attribute(root, id, "extension") or _attribute(root, id, "root") or ""


def _attribute(above: Element, path: str, name: str = "code") -> str | None:
    found = below(above, path)
    return found[0].get(name) if found else None
