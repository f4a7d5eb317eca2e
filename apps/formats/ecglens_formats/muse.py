"""Reader of GE MUSE RestingECG XML, as the information system exports it, with 12SL's measurements.

No real file was available: element names follow public readers, which cite the MUSE NX XML
Developer Guide (GE 2102027-228), and are tested on files that the tests write.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import ClassVar
from xml.etree.ElementTree import Element

import numpy as np
from ecglens.datamodules import FileReader, age_and_sex, damage_named, ordered
from ecglens.ecg import Record
from jaxtyping import Float

from .embedded import (
    BY_RECORDER,
    Embedded,
    TypicalBeat,
    below,
    existing,
    microvolts,
    number,
    read_xml,
    text,
)

MEASURED = "RestingECGMeasurements"
LABELS = {"pr": "PRInterval", "qrs": "QRSDuration", "qt": "QTInterval", "rate": "VentricularRate"}
# 12SL's fiducial points by the names of Segments; it has none for the onset of T here.
POINTS = {
    "p_on": "POnset",
    "p_off": "POffset",
    "qrs_on": "QOnset",
    "qrs_off": "QOffset",
    "t_off": "TOffset",
}
YEARS = {"YEARS": 1.0, "MONTHS": 1 / 12, "WEEKS": 7 / 365.25, "DAYS": 1 / 365.25}
# The median beat of 12SL is 1.2 s long; public code that measures on it (RestEcg) compares it with
# beats from 500 ms before to 700 ms after the QRS times of the file. `placed` checks for the
# complex there.
REFERENCE_MS = 500.0


@dataclass(frozen=True)
class Muse(FileReader):
    """All .xml files below `path`: the waveform Rhythm and, as beat, the waveform Median.

    Labels pr, qrs, qt (ms) and rate are those of RestingECGMeasurements, which a physician may have
    edited; NaN if one is empty or missing while others exist. Marks are 12SL's fiducial points, as
    samples of the median beat counted from 0 at ECGSampleBase × 10^ECGSampleExponent Hz. Whether GE
    counts from 0 or 1 is not public: the difference is one sample, 2 ms.
    """

    version: ClassVar[int] = 2
    labels_by: ClassVar[Mapping[str, str]] = BY_RECORDER
    endings: ClassVar[tuple[str, ...]] = (".xml",)

    def record(self, name: str) -> Record:
        """Record whose beat is the median beat, if that can be placed exactly."""
        return self.embedded(name).record(name)

    def embedded(self, name: str) -> Embedded:
        """Contents of the file; errors as in `record`."""
        root = read_xml(self.path / name, "RestingECG")
        waves: dict[str, Element] = {}
        for wave in below(root, "Waveform"):
            waves.setdefault((text(wave, "WaveformType") or "").lower(), wave)
        if "rhythm" not in waves:
            raise ValueError(f"expected in {name} a waveform Rhythm, got {sorted(waves) or 'none'}")
        signal, fs = _signal(waves["rhythm"], f"{name}, Rhythm")
        typical = None
        if "median" in waves:
            beat, beat_fs = _signal(waves["median"], f"{name}, Median")
            typical = TypicalBeat(beat, beat_fs, REFERENCE_MS, _points(root))
        patient = text(root, "PatientDemographics/PatientID") or ""
        return Embedded(signal, fs, patient, _labels(root), typical)


def _signal(wave: Element, where: str) -> tuple[Float[np.ndarray, "12 time"], float]:
    """Leads of a waveform in µV, in order and complete, and their rate in Hz."""
    fs = _rate(wave, "Sample")
    if not fs > 0:
        raise ValueError(f"expected in {where} SampleBase and SampleExponent, got none")
    found = below(wave, "LeadData")
    names = [text(lead, "LeadID") or "" for lead in found]
    leads = [_lead(lead, f"{where}, lead {name}") for name, lead in zip(names, found, strict=True)]
    if len({*map(len, leads)}) != 1:
        lengths = dict(zip(names, map(len, leads), strict=True))
        raise ValueError(f"expected in {where} leads of one length, got {lengths or 'none'}")
    return ordered(np.stack(leads), names), fs


def _lead(lead: Element, where: str) -> Float[np.ndarray, " time"]:
    """Samples of a lead in µV, from two bytes each, lower byte first."""
    unit = microvolts(text(lead, "LeadAmplitudeUnits"), where)
    factor = number(text(lead, "LeadAmplitudeUnitsPerBit"))
    if not factor > 0:
        raise ValueError(f"expected in {where} LeadAmplitudeUnitsPerBit above 0, got {factor:g}")
    if (size := text(lead, "LeadSampleSize")) not in (None, "2"):
        raise ValueError(f"expected in {where} samples of 2 bytes, got {size}")
    with damage_named(where):
        digits = np.frombuffer(b64decode(text(lead, "WaveFormData") or ""), "<i2")
    declared = number(text(lead, "LeadSampleCountTotal"))
    if len(digits) != declared:
        raise ValueError(f"expected in {where} {declared:g} samples, got {len(digits)}")
    return digits * (factor * unit)


def _labels(root: Element) -> dict[str, float]:
    """Measurements of 12SL or a physician, age in years and sex."""
    found: dict[str, float] = {}
    if below(root, MEASURED):
        found = {
            label: existing(number(text(root, f"{MEASURED}/{name}")))
            for label, name in LABELS.items()
        }
    age, person = text(root, "PatientDemographics/PatientAge"), "PatientDemographics"
    unit = (text(root, f"{person}/AgeUnits") or "").upper()
    years = None if age is None else number(age) * YEARS.get(unit, nan)
    return found | age_and_sex(years, text(root, f"{person}/Gender"))


def _points(root: Element) -> dict[str, float]:
    """Fiducial points of 12SL in ms of the median beat; NaN for a wave it did not find."""
    ms = 1e3 / fs if (fs := _rate(root, f"{MEASURED}/ECGSample")) > 0 else nan
    return {
        point: existing(number(text(root, f"{MEASURED}/{name}"))) * ms
        for point, name in POINTS.items()
    }


def _rate(element: Element, prefix: str) -> float:
    """Hz as base × 10^exponent; NaN without a base."""
    exponent = text(element, f"{prefix}Exponent")
    base = number(text(element, f"{prefix}Base"))
    return base * 10 ** (number(exponent) if exponent else 0)
