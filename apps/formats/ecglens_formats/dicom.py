"""Reader of DICOM waveforms: 12-lead and general ECG objects."""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isnan, nan
from pathlib import Path
from typing import ClassVar

import numpy as np
import pydicom
from ecglens.datamodules import FileReader, age_and_sex, damage_named, ordered
from ecglens.ecg import LEADS, Record
from jaxtyping import Float
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.waveforms.numpy_handler import multiplex_array

from .embedded import (
    BY_RECORDER,
    Embedded,
    TypicalBeat,
    age_on,
    existing,
    microvolts,
    number,
    unpadded,
)

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


# Leads by the number after the last dash or colon of their code: 5.6.3-9-61 (SCPECG) and 2:61 (MDC)
# are lead III (DICOM PS3.16, context group 3001).
LEAD_SCHEMES = ("SCPECG", "MDC")
LEAD_NUMBERS = {
    **dict(zip(("1", "2", "61", "62", "63", "64"), LEADS[:6], strict=True)),
    **{str(number + 2): f"V{number}" for number in range(1, 7)},
}
# Bits of a sample by its interpretation.
BITS = {
    f"{sign}{size}": bits
    for size, bits in zip("BSLV", (8, 16, 32, 64), strict=True)
    for sign in "SU"
} | {"MB": 8, "AB": 8}
# Age strings (VR AS) such as 042Y.
YEARS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
# Longest derived group that is a typical beat; a longer one is a processed strip.
LONGEST_BEAT_S = 3.0


@dataclass(frozen=True)
class Dicom(FileReader):
    """All .dcm files, and files without an ending, below `path`.

    The strip is the first original multiplex group, the typical beat the first derived one of up
    to 3 s. Labels pr, qrs, qt (ms) and rate are measurement annotations; rate is 60 000 / RR if
    only the mean RR is given. Positions of waves are ignored: in both sample files they refer to
    the strip but lie in the beat.
    """

    version: ClassVar[int] = 1
    labels_by: ClassVar[Mapping[str, str]] = BY_RECORDER
    endings: ClassVar[tuple[str, ...]] = (".dcm", "")

    @cached_property
    def names(self) -> list[str]:
        """Paths of the files below `path`."""
        return [name for name in super().names if Path(name).name != "DICOMDIR"]

    def record(self, name: str) -> Record:
        """Record whose beat is the typical beat, if that can be placed exactly."""
        return self.embedded(name).record(name)

    def embedded(self, name: str) -> Embedded:
        """Contents of the file; errors as in `record`."""
        with warnings.catch_warnings():
            # Converters write invalid identifiers; none of them is used here.
            warnings.simplefilter("ignore", UserWarning)
            with damage_named(name):
                found = pydicom.dcmread(self.path / name)
                groups = list(found.get("WaveformSequence") or [])
            original = [i for i, group in enumerate(groups) if _is(group, "ORIGINAL")]
            if not original:
                raise ValueError(f"expected in {name} an original ECG waveform, got none")
            signal, fs, _ = _signal(found, original[0], name)
            labels = intervals(found) | _person(found)
            patient = str(found.get("PatientID") or "")
            return Embedded(signal, fs, patient, labels, _typical(found, groups, name))


def _is(group: Dataset, originality: str) -> bool:
    return str(group.get("WaveformOriginality")) == originality


def _typical(found: Dataset, groups: list[Dataset], name: str) -> TypicalBeat | None:
    """First derived group that is short enough; R is its trigger sample, counted from 1."""
    for index, group in enumerate(groups):
        lasts_s = group.NumberOfWaveformSamples / float(group.SamplingFrequency)
        if _is(group, "DERIVED") and lasts_s <= LONGEST_BEAT_S:
            signal, fs, first = _signal(found, index, f"{name}, typical beat")
            trigger = int(group.get("TriggerSamplePosition") or 0)
            r_ms = (trigger - 1 - first) * 1e3 / fs if trigger else nan
            return TypicalBeat(signal, fs, r_ms)
    return None


def _signal(
    found: Dataset, index: int, where: str
) -> tuple[Float[np.ndarray, "12 time"], float, int]:
    """Channels of a group in µV and in order, their rate in Hz, and the padding before them."""
    group = found.WaveformSequence[index]
    channels = list(group.ChannelDefinitionSequence)
    leads = [_lead(channel) for channel in channels]
    factors = [
        microvolts(_unit(channel), f"{where}, lead {lead}")
        for channel, lead in zip(channels, leads, strict=True)
    ]
    _check_bits(group, where)
    with damage_named(where):
        raw = multiplex_array(found, index, as_raw=True)
        values = multiplex_array(found, index, as_raw=False) * factors
    declared = group.get("WaveformPaddingValue")
    padding = [int.from_bytes(declared, "little", signed=True)] if declared else []
    inside = unpadded(raw, padding)
    return ordered(values[inside].T, leads), float(group.SamplingFrequency), inside.start


def _check_bits(group: Dataset, where: str) -> None:
    """Raise ValueError where the sizes of a sample contradict each other (DICOM PS3.3, C.10.9)."""
    kind, bits = str(group.WaveformSampleInterpretation), int(group.WaveformBitsAllocated)
    stored = {int(each.get("WaveformBitsStored", bits)) for each in group.ChannelDefinitionSequence}
    if BITS.get(kind) != bits or not 0 < min(stored) <= max(stored) <= bits:
        raise ValueError(
            f"expected in {where} samples of one size, got {kind} of {bits} bits, of which "
            f"{' and '.join(map(str, sorted(stored)))} are stored"
        )


def _lead(channel: Dataset) -> str:
    """Lead by its code, else by the words of its meaning: "Lead V1", "aVR, augmented"."""
    source = channel.ChannelSourceSequence[0]
    code = re.split("[-:]", str(source.CodeValue))[-1]
    if source.CodingSchemeDesignator in LEAD_SCHEMES and code in LEAD_NUMBERS:
        return LEAD_NUMBERS[code]
    return str(source.CodeMeaning).removeprefix("Lead ").partition(" ")[0].strip(",")


def _unit(channel: Dataset) -> str | None:
    """Unit of the sensitivity; None without a sensitivity, since digits are not a voltage."""
    units = channel.get("ChannelSensitivityUnitsSequence")
    return str(units[0].CodeValue) if units and "ChannelSensitivity" in channel else None


def _person(found: Dataset) -> dict[str, float]:
    """Age in years and sex; the age is from the date of birth if it is not given."""
    words = str(found.get("PatientAge") or "")
    if words:
        age = number(words[:-1]) * YEARS.get(words[-1:], nan)
    else:
        day = str(found.get("AcquisitionDateTime") or found.get("StudyDate") or "")[:8]
        age = age_on(day, str(found.get("PatientBirthDate") or ""))
    return age_and_sex(age, found.get("PatientSex") or None)
