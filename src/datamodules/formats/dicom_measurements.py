"""Intervals and rate from the annotations of a DICOM ECG."""

from math import isnan, nan

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from .embedded import existing

# Codes in SCPECG (older files) and MDC (DICOM PS3.16, context groups 3687 and 3689).
NAMES = {
    "5.13.5-7": "pr",
    "5.13.5-9": "qrs",
    "5.13.5-11": "qt",
    "5.10.2.1-3": "rr",
    "5.10.2.5-1": "rate",
    "2:15872": "pr",
    "2:16156": "qrs",
    "2:16160": "qt",
    "2:16000": "rr",
    "2:16016": "rate",
}
MILLISECONDS = {"ms": 1.0, "s": 1e3}
PER_MINUTE = {"/min": 1.0, "{beats}/min": 1.0, "{H.B.}/min": 1.0, "bpm": 1.0}


def intervals(found: Dataset) -> dict[str, float]:
    """PR, QRS, QT in ms and rate in 1/min: the first of each with a known unit.

    The rate is 60 000 / RR if the file has only the mean RR.
    """
    values: dict[str, float] = {}
    for annotation in found.get("WaveformAnnotationSequence") or ():
        concepts = annotation.get("ConceptNameCodeSequence")
        name = NAMES.get(str(concepts[0].CodeValue)) if concepts else None
        number = annotation.get("NumericValue")
        if name is None or number is None or isinstance(number, MultiValue):
            continue  # several numbers are not one measurement
        units = annotation.get("MeasurementUnitsCodeSequence")
        known = PER_MINUTE if name == "rate" else MILLISECONDS
        factor = known.get(str(units[0].CodeValue)) if units else None
        if factor is not None:
            values.setdefault(name, existing(float(number) * factor))
    rr_ms = values.pop("rr", nan)
    if "rate" not in values and not isnan(rr_ms):
        values["rate"] = 6e4 / rr_ms
    return values
