"""Intervals and waves from the annotations of an HL7 aECG that concern all leads."""

from collections.abc import Iterator
from math import isnan, nan
from statistics import median
from xml.etree.ElementTree import Element

from .embedded import existing
from .safe_xml import below, number

# Names of IEEE 11073-10102.
INTERVALS = {
    "MDC_ECG_TIME_PD_PR": "pr",
    "MDC_ECG_TIME_PD_QRS": "qrs",
    "MDC_ECG_TIME_PD_QT": "qt",
    "MDC_ECG_HEART_RATE": "rate",
}
WAVES = {
    "MDC_ECG_WAVC_PWAVE": "p",
    "MDC_ECG_WAVC_QRSWAVE": "qrs",
    "MDC_ECG_WAVC_TWAVE": "t",
}
MILLISECONDS = {"ms": 1.0, "s": 1e3, "us": 1e-3}
PER_MINUTE = {"bpm": 1.0, "/min": 1.0, "{beats}/min": 1.0, "1/min": 1.0}


def intervals(series: Element) -> dict[str, float]:
    """PR, QRS, QT in ms and rate in 1/min: medians over the beats of a set of annotations.

    The first set with any of them counts. A value without a known unit is ignored.
    """
    for annotations in _sets(series):
        found: dict[str, list[float]] = {}
        for annotation in annotations:
            name = INTERVALS.get(_code(annotation, "code"))
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
            wave = WAVES.get(_code(annotation, "value"))
            boundaries = below(annotation, "support/supportingROI/component/boundary")
            for boundary in boundaries if wave else ():
                if _code(boundary, "code") == "TIME_RELATIVE":
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
    """The annotation and those within it, unless it is of a single lead."""
    boundaries = below(annotation, "support/supportingROI/component/boundary")
    if any(_code(boundary, "code").startswith("MDC_ECG_LEAD_") for boundary in boundaries):
        return
    yield annotation
    for nested in below(annotation, "component/annotation"):
        yield from _global(nested)


def _median(values: list[float]) -> float:
    known = [value for value in values if not isnan(value)]
    return median(known) if known else nan


def _code(element: Element, child: str) -> str:
    found = below(element, child)
    return found[0].get("code", "") if found else ""
