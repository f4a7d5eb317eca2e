"""A sheet for other systems: a FHIR bundle (R4B) and a DICOM Encapsulated PDF.

Neither names a patient or a date: what receives them knows both. The same sheet gives the same
bytes.
"""

import math
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from ecglens.datamodules import Target
from ecglens.report import installed_versions
from ecglens.report.text import class_name, target_words

from .content import EcgSheet, probability_of
from .words import NOT_CLINICAL, flags_of, reading, side_by_side

UCUM, LOINC = "http://unitsofmeasure.org", "http://loinc.org"
TERMS = "http://terminology.hl7.org/CodeSystem"
UNITS = {"ms": "ms", "µV": "uV", "mV": "mV", "1/min": "/min", "%": "%"}  # ours: that of UCUM
# Unit, code and name of what ECGLens measures, by column. Amplitudes have no code here.
MEASURED = {
    "pr": ("ms", "8625-6", "P-R Interval"),
    "qrs": ("ms", "8633-0", "QRS duration"),
    "qt": ("ms", "8634-8", "Q-T interval"),
    "qt_tangent": ("ms", "8634-8", "Q-T interval"),
    "rate": ("1/min", "8867-4", "Heart rate"),
}
STUDY = ("11524-6", "EKG study")
# DICOM PS3.4 B.5, PS3.3 C.24.2 and C.8.6.1: made at a workstation, its text names the ECG.
ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"
MADE_BY, TEXT_WITHIN, SERIES = "WSD", "YES", "DOC"
LONGEST_TITLE = 1024  # characters of a short text (PS3.5, 6.2)


def fhir_bundle(sheet: EcgSheet, pdf: bytes) -> bytes:
    """A collection of the device (network), an Observation for each output, and the report.

    The DiagnosticReport holds the PDF and refers to the Observations; all are preliminary.
    """
    from fhir.resources.R4B.bundle import Bundle

    target, about = sheet.finding.about.target, sheet.finding.about
    outputs = [
        (f"output {name}", _observation(sheet, name, float(value), pdf))
        for name, value in zip(target.outputs, sheet.outputs, strict=True)
    ]
    device = {
        "resourceType": "Device",
        "manufacturer": "ECGLens",
        "deviceName": [{"name": about.networks[0], "type": "model-name"}],
        "version": [{"value": installed_versions()["ecglens"]}],
        "note": [{"text": NOT_CLINICAL}],
    }
    doubt = f" ({sheet.doubt})" if sheet.doubt else ""
    report = {
        "resourceType": "DiagnosticReport",
        "identifier": [{"value": sheet.name}],
        "status": "preliminary",
        "category": [_coded(f"{TERMS}/v2-0074", "EC", "Electrocardiac (e.g., EKG, EEC, Holter)")],
        "code": _coded(LOINC, *STUDY),
        "result": [{"reference": _urn(pdf, part)} for part, _ in outputs],
        "conclusion": f"{reading(sheet)}{doubt}. {NOT_CLINICAL}",
        "presentedForm": [
            {
                "contentType": "application/pdf",
                "data": b64encode(pdf).decode(),
                "size": len(pdf),
                "title": f"ECG {sheet.name}",
            }
        ],
    }
    parts = [("device", device), *outputs, ("report", report)]
    entries = [{"fullUrl": _urn(pdf, part), "resource": each} for part, each in parts]
    found = Bundle.model_validate({"type": "collection", "entry": entries})
    return f"{found.model_dump_json(indent=1)}\n".encode()


def dicom_pdf(sheet: EcgSheet, pdf: bytes) -> bytes:
    """The PDF as a file of DICOM; the fields of patient and date are empty."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    found = Dataset()
    found.SpecificCharacterSet = "ISO_IR 192"  # UTF-8
    for empty in (
        *("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
        *("StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName"),
        *("ContentDate", "ContentTime", "AcquisitionDateTime", "ConceptNameCodeSequence"),
    ):
        setattr(found, empty, [] if empty.endswith("Sequence") else "")
    found.StudyInstanceUID, found.SeriesInstanceUID = _uid(pdf, "study"), _uid(pdf, "series")
    found.SOPClassUID, found.SOPInstanceUID = ENCAPSULATED_PDF, _uid(pdf, "report")
    found.Modality, found.SeriesNumber, found.InstanceNumber = SERIES, "1", "1"
    found.Manufacturer, found.SoftwareVersions = "ECGLens", installed_versions()["ecglens"]
    found.ConversionType, found.BurnedInAnnotation = MADE_BY, TEXT_WITHIN
    found.DocumentTitle = f"ECGLens, for research only: ECG {sheet.name}"[:LONGEST_TITLE]
    found.MIMETypeOfEncapsulatedDocument = "application/pdf"
    found.EncapsulatedDocument, found.EncapsulatedDocumentLength = pdf, len(pdf)
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    written = BytesIO()
    found.save_as(written, enforce_file_format=True)
    return written.getvalue()


# Ending of the file, and what writes it, by the name of the option.
EXCHANGED: Mapping[str, tuple[str, Callable[[EcgSheet, bytes], bytes]]] = {
    "fhir": (".fhir.json", fhir_bundle),
    "dicom": (".dcm", dicom_pdf),
}
PACKAGES = {"fhir": "fhir.resources", "dicom": "pydicom"}


def check_exchange(names: Sequence[str]) -> None:
    """Raise ValueError for an unknown format, ImportError where its package is not installed."""
    for name in names:
        if name not in EXCHANGED:
            raise ValueError(f"expected a format of {', '.join(EXCHANGED)}, got {name!r}")
        try:
            import_module(PACKAGES[name])
        except ModuleNotFoundError as problem:
            raise ImportError(
                f"expected the package {PACKAGES[name]} for {name}, which is not installed; pip "
                f"install './apps/sheets[{name}]' in a copy of the source"
            ) from problem


def _observation(sheet: EcgSheet, output: str, value: float, pdf: bytes) -> dict[str, Any]:
    """One output: a value in its unit, or the probability of a class."""
    target = sheet.finding.about.target
    found: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "preliminary",
        "category": [_coded(f"{TERMS}/observation-category", "procedure", "Procedure")],
        "code": _code(target, output),
        "device": {"reference": _urn(pdf, "device")},
    }
    if math.isfinite(value):
        found["valueQuantity"] = _quantity(target, value)
    else:
        system = f"{TERMS}/data-absent-reason"
        found["dataAbsentReason"] = _coded(system, "not-a-number", "Not a Number (NaN)")
    if output == target.explained:
        said = side_by_side(sheet)
        lines = (said["limits"], f"Measurement: {said['measured']} ({said['by']})")
        every = (*lines, *flags_of(sheet), NOT_CLINICAL)
        found["note"] = [{"text": line} for line in every]
    return found


def _code(target: Target, output: str) -> dict[str, Any]:
    words = class_name(output) if target.classes else target_words(target)
    unit, *code = MEASURED.get(output, ("",))
    if code and unit == target.unit and target.table is None and target.label is None:
        return {**_coded(LOINC, *code), "text": words}
    return {"text": f"{words}, probability" if target.kind == "binary" else words}


def _quantity(target: Target, value: float) -> dict[str, Any]:
    """Six digits, as many as a network's arithmetic has."""
    if target.kind == "binary":
        shown, unit, code = probability_of(value), "probability", "1"
    else:
        shown, unit, code = value, target.unit, UNITS.get(target.unit, "")
    found: dict[str, Any] = {"value": float(f"{shown:.6g}")}
    if unit:
        found["unit"] = unit
    return {**found, "system": UCUM, "code": code} if code else found


def _coded(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _id(pdf: bytes, part: str) -> UUID:
    """The name of a part of this sheet, the same whenever it is made."""
    return uuid5(NAMESPACE_URL, f"ecglens:{sha256(pdf).hexdigest()}:{part}")


def _urn(pdf: bytes, part: str) -> str:
    return f"urn:uuid:{_id(pdf, part)}"


def _uid(pdf: bytes, part: str) -> str:
    """Its name in DICOM (PS3.5 B.2)."""
    return f"2.25.{_id(pdf, part).int}"
