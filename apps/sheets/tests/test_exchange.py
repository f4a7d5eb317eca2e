"""A sheet as a FHIR bundle and as a DICOM file, read back by the libraries of both."""

import sys
from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import UUID

import numpy as np
import pydicom
import pytest
from ecglens.datamodules import Target
from ecglens.report import Pseudonyms
from ecglens_sheets import SheetWriter
from ecglens_sheets.exchange import EXCHANGED, dicom_pdf, fhir_bundle
from fhir.resources.R4B.bundle import Bundle

from tests.report.conftest import build

from .test_sheet import sheet_of

PDF = b"%PDF-1.4 of an odd length"
QT = Target("qt", "ms", "qt", edges=("QRS_on", "T_off"))
AF = Target("af", "", "af", kind="binary")
CLASSES = Target("rhythm", "", kind="binary", classes=("af", "sb"), explain="sb")


def on(target: Target, *outputs: float, **fields: Any):
    """A sheet on this target."""
    finding = build()
    finding = replace(finding, about=replace(finding.about, target=target))
    return sheet_of(finding=finding, outputs=np.array(outputs), **fields)


def parsed(content: bytes) -> tuple[list[Any], list[Any], Any]:
    """Addresses of all resources, the Observations, and the report."""
    entries: Any = Bundle.model_validate_json(content).entry
    found = [entry.resource for entry in entries]
    kinds = [each.get_resource_type() for each in found]
    assert kinds == ["Device", *["Observation"] * (len(kinds) - 2), "DiagnosticReport"]
    return [entry.fullUrl for entry in entries], found[1:-1], found[-1]


def test_a_bundle_has_the_reading_in_ucum_its_loinc_code_and_the_pdf():
    sheet = on(QT, 412.34567, flags=("noise in V1 (60 µV)",))
    addresses, (reading,), report = parsed(fhir_bundle(sheet, PDF))
    value, (code,) = reading.valueQuantity, reading.code.coding
    assert (float(value.value), value.unit, value.code) == (412.346, "ms", "ms")
    assert (code.system, code.code) == ("http://loinc.org", "8634-8")
    assert reading.device.reference == addresses[0]
    assert [each.reference for each in report.result] == addresses[1:-1]
    assert report.presentedForm[0].data == PDF
    assert (reading.status, report.status) == ("preliminary", "preliminary")
    notes = " ".join(note.text for note in reading.note)
    assert "noise in V1 (60 µV)" in notes
    assert "Not a medical device" in notes
    for each in addresses:
        UUID(each.removeprefix("urn:uuid:"))


@pytest.mark.parametrize(
    ("target", "unit", "code"),
    [
        (Target("r", "µV", "r", lead="V5"), "uV", None),
        (Target("rate", "1/min", "rate"), "/min", "8867-4"),
        (Target("mine", "ms", "qt", table="labels.csv"), "ms", None),  # whatever it is
        (Target("dose", "furlong", "dose"), None, None),
    ],
)
def test_what_has_no_sound_code_has_words_alone(target, unit, code):
    _, (reading,), _ = parsed(fhir_bundle(on(target, 70.0), PDF))
    assert reading.valueQuantity.code == unit
    assert [each.code for each in reading.code.coding or ()] == ([code] if code else [])
    assert reading.code.text


def test_each_class_has_its_probability_and_the_explained_one_the_notes():
    _, (af, sb), _ = parsed(fhir_bundle(on(CLASSES, 0.0, 2.0), PDF))
    assert (float(af.valueQuantity.value), af.valueQuantity.code) == (0.5, "1")
    assert af.code.text == "atrial fibrillation (af), probability"
    assert (af.note, bool(sb.note)) == (None, True)
    _, (one,), _ = parsed(fhir_bundle(on(AF, 0.0), PDF))
    assert float(one.valueQuantity.value) == 0.5


def test_the_doubt_of_a_reading_is_in_the_conclusion():
    for fields, doubt in (({}, ""), ({"outside": True}, " (outside the training ECGs)")):
        _, _, report = parsed(fhir_bundle(on(QT, 412.0, **fields), PDF))
        assert report.conclusion.startswith(f"QT 412 ms{doubt}. ")


def test_an_output_that_is_no_number_is_said_to_be_absent():
    _, (reading,), _ = parsed(fhir_bundle(on(QT, np.nan), PDF))
    assert reading.valueQuantity is None
    assert reading.dataAbsentReason.coding[0].code == "not-a-number"


@pytest.mark.parametrize("pdf", [PDF, PDF + b"!"])
def test_a_dicom_file_has_the_bytes_of_the_pdf_and_no_patient(pdf):
    found = pydicom.dcmread(BytesIO(dicom_pdf(on(QT, 412.0, name="Größe 7"), pdf)))
    assert found.SOPClassUID.name == "Encapsulated PDF Storage"
    assert found.MIMETypeOfEncapsulatedDocument == "application/pdf"
    assert found.EncapsulatedDocument[: found.EncapsulatedDocumentLength] == pdf
    assert "Größe 7" in found.DocumentTitle
    assert not any((found.PatientName, found.PatientID, found.StudyDate, found.ContentDate))
    uids = {found.StudyInstanceUID, found.SeriesInstanceUID, found.SOPInstanceUID}
    assert len(uids) == 3
    assert all(uid.is_valid for uid in uids)


@pytest.mark.heavy
def test_the_files_of_a_sheet_are_the_same_bytes_each_time_and_others_for_another(tmp_path):
    sheet = on(QT, 412.0, name="7")
    for place, each in (("a", sheet), ("b", sheet), ("c", replace(sheet, name="8"))):
        SheetWriter(tmp_path / place, Pseudonyms(), also=tuple(EXCHANGED)).write(each)
    for ending, _ in EXCHANGED.values():
        one, again = ((tmp_path / place / f"7{ending}").read_bytes() for place in "ab")
        assert one == again
    pdf = (tmp_path / "a" / "7.pdf").read_bytes()
    one, *_, report = parsed((tmp_path / "a" / "7.fhir.json").read_bytes())
    assert report.presentedForm[0].data == pdf
    other, *_ = parsed((tmp_path / "c" / "8.fhir.json").read_bytes())
    assert not {*one} & {*other}
    found = pydicom.dcmread(tmp_path / "a" / "7.dcm")
    assert found.EncapsulatedDocument[: found.EncapsulatedDocumentLength] == pdf


@pytest.mark.heavy
def test_nothing_of_an_earlier_sheet_stays_beside_one_of_its_name(tmp_path):
    SheetWriter(tmp_path, Pseudonyms(), also=tuple(EXCHANGED)).write(on(QT, 412.0, name="7"))
    page = tmp_path / "7.html"
    writer = SheetWriter(tmp_path, Pseudonyms())
    assert writer.write(on(QT, 380.0, name="7")) == page
    assert writer.replaced == [page]
    assert not [*tmp_path.glob("7.fhir*"), *tmp_path.glob("7.dcm")]
    SheetWriter(tmp_path, Pseudonyms()).leave_out("dicom", "7", True, "it is damaged")
    assert not [*tmp_path.iterdir()]


@pytest.mark.heavy
def test_no_file_that_is_no_sheet_s_is_removed_or_replaced(tmp_path):
    recorded = tmp_path / "7.dcm"
    recorded.write_bytes(b"an ECG")
    writer = SheetWriter(tmp_path, Pseudonyms())
    writer.leave_out("dicom", "7", True, "it is damaged")
    for _ in range(2):
        SheetWriter(tmp_path, Pseudonyms()).write(on(QT, 412.0, name="7"))
    with pytest.raises(ValueError, match=r"expected in --to a folder without 7\.dcm"):
        SheetWriter(tmp_path, Pseudonyms(), also=("dicom",)).write(on(QT, 412.0, name="7"))
    assert recorded.read_bytes() == b"an ECG"


def test_a_missing_package_and_an_unknown_format_are_named_before_a_sheet_is_made(
    tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "fhir.resources", None)
    with pytest.raises(ImportError, match=r"pip install '\./apps/sheets\[fhir\]'"):
        SheetWriter(tmp_path, Pseudonyms(), also=("fhir",))
    with pytest.raises(ValueError, match="expected a format of fhir, dicom, got 'hl7'"):
        SheetWriter(tmp_path, Pseudonyms(), also=("hl7",))
