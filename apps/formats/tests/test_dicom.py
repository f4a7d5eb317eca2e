"""DICOM ECGs: two real files against pydicom, and what they say when they say something else."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from ecglens.datamodules import open_records
from ecglens.ecg import Record
from ecglens_formats.dicom import Dicom
from pydicom.dataset import Dataset

DICOM = Path(__file__).parent / "data" / "dicom"
MORTARA, TOOLKIT = "waveform_ecg.dcm", "Example.dcm"
# The toolkit's identifiers end with a dot, which pydicom warns about and nobody reads.
pytestmark = pytest.mark.filterwarnings("ignore:Invalid value for VR UI")


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    return {record.id: record for record in open_records("dicom", DICOM)}


def changed(change: Callable[[Dataset], object], folder: Path) -> Path:
    """A folder with the Mortara file, changed."""
    found = pydicom.dcmread(DICOM / MORTARA)
    change(found)
    found.save_as(folder / "1.dcm")
    return folder


def read(change: Callable[[Dataset], object], folder: Path) -> Record:
    (record,) = open_records("dicom", changed(change, folder))
    return record


def why_not(change: Callable[[Dataset], object], folder: Path) -> str:
    records = open_records("dicom", changed(change, folder))
    assert list(records) == []
    ((_, reason),) = records.excluded
    assert "\n" not in reason
    return reason


def channel(found: Dataset, lead: int, group: int = 0) -> Dataset:
    return found.WaveformSequence[group].ChannelDefinitionSequence[lead]


@pytest.mark.parametrize(("name", "fs"), [(MORTARA, 1000.0), (TOOLKIT, 500.0)])
def test_signals_equal_pydicom_s_to_a_microvolt(
    name: str, fs: float, records: dict[str, Record]
) -> None:
    expected = pydicom.dcmread(DICOM / name).waveform_array(0).T
    assert records[name].fs == fs
    assert np.abs(records[name].signal - expected).max() < 1.0


def test_labels_and_person_are_the_file_s_own(records: dict[str, Record]) -> None:
    labels = records[MORTARA].labels
    assert labels == {
        "pr": 161.0,
        "qrs": 75.0,
        "qt": 368.0,
        "rate": pytest.approx(60_000 / 982),
        "age": 42.0,
        "sex": 1.0,
    }
    assert records[MORTARA].patient == "642341"
    assert records[TOOLKIT].labels["qt"] == 420.0
    assert records[TOOLKIT].labels["age"] == pytest.approx(49.5, abs=0.1)  # by date of birth


def test_a_median_beat_whose_trigger_is_500_ms_after_its_start_is_the_beat(
    records: dict[str, Record],
) -> None:
    """Resampled from 1000 Hz; its own samples at 500 Hz are those of even number."""
    found = pydicom.dcmread(DICOM / MORTARA)
    assert found.WaveformSequence[1].TriggerSamplePosition == 501  # counted from 1
    beat = records[MORTARA].beat
    assert beat is not None
    every_second = found.waveform_array(1).T[:, ::2]
    # What lies above 250 Hz, noise of a few µV in a beat of 2 mV, is gone.
    assert np.sqrt(np.mean((beat - every_second) ** 2)) < 4.0
    assert abs(int(np.argmax(beat[10])) - 250) <= 1


def test_a_padded_median_beat_loses_its_padding_and_is_too_short() -> None:
    typical = Dicom(DICOM).embedded(TOOLKIT).typical
    assert typical is not None
    assert typical.signal.shape == (12, 599)  # its last sample is −32768 in every channel
    with pytest.raises(ValueError, match="492 ms before its R peak and 706 behind"):
        typical.placed()


def test_leads_go_by_their_code_and_else_by_their_meaning(tmp_path: Path) -> None:
    def reworded(found: Dataset) -> None:
        for lead, meaning in enumerate(("I", "Lead II", "Lead III", "aVR, augmented voltage")):
            source = channel(found, lead).ChannelSourceSequence[0]
            source.CodingSchemeDesignator, source.CodeMeaning = "99LOCAL", meaning
        channel(found, 6).ChannelSourceSequence[0].CodingSchemeDesignator = "MDC"
        channel(found, 6).ChannelSourceSequence[0].CodeValue = "2:4"
        channel(found, 7).ChannelSourceSequence[0].CodeValue = "2:3"

    expected = pydicom.dcmread(DICOM / MORTARA).waveform_array(0).T
    signal = read(reworded, tmp_path).signal
    np.testing.assert_allclose(signal[:6], expected[:6], atol=0.01)
    np.testing.assert_allclose(signal[[6, 7]], expected[[7, 6]], atol=0.01)


def test_sensitivity_correction_baseline_and_unit_are_applied(tmp_path: Path) -> None:
    def scaled(found: Dataset) -> None:
        first = channel(found, 0)
        first.ChannelSensitivity, first.ChannelBaseline = 0.00125, 0.1
        first.ChannelSensitivityCorrectionFactor = 2
        first.ChannelSensitivityUnitsSequence[0].CodeValue = "mV"

    raw = pydicom.dcmread(DICOM / MORTARA).waveform_array(0).T[0]
    np.testing.assert_allclose(read(scaled, tmp_path).signal[0], 2 * raw + 100.0, atol=0.01)


def test_a_given_rate_stands_before_the_rr_interval_and_units_count(tmp_path: Path) -> None:
    def measured(found: Dataset) -> None:
        annotations = found.WaveformAnnotationSequence
        named = {
            str(item.ConceptNameCodeSequence[0].CodeValue): item
            for item in annotations
            if "NumericValue" in item
        }
        named["5.13.5-7"].NumericValue = "0.17"
        named["5.13.5-7"].MeasurementUnitsCodeSequence[0].CodeValue = "s"
        named["5.13.5-9"].MeasurementUnitsCodeSequence[0].CodeValue = "furlong"
        named["5.13.5-11"].NumericValue = "0"
        rate = named["5.10.2.1-5"]
        rate.ConceptNameCodeSequence[0].CodeValue = "2:16016"
        rate.NumericValue = "70"
        rate.MeasurementUnitsCodeSequence[0].CodeValue = "/min"

    labels = read(measured, tmp_path).labels
    assert labels["pr"] == pytest.approx(170.0)
    assert "qrs" not in labels
    assert np.isnan(labels["qt"])
    assert labels["rate"] == 70.0


def test_several_numbers_in_one_place_are_no_measurement_and_cost_no_other(tmp_path: Path) -> None:
    def doubled(found: Dataset) -> None:
        for item in found.WaveformAnnotationSequence:
            if "NumericValue" in item and item.ConceptNameCodeSequence[0].CodeValue == "5.13.5-9":
                item.NumericValue = ["90", "100"]

    labels = read(doubled, tmp_path).labels
    assert "qrs" not in labels
    assert labels["qt"] > 0


def test_a_file_without_annotations_or_person_is_read(tmp_path: Path) -> None:
    def bare(found: Dataset) -> None:
        for word in ("WaveformAnnotationSequence", "PatientAge", "PatientBirthDate", "PatientSex"):
            del found[word]
        found.PatientID = None

    record = read(bare, tmp_path)
    assert record.labels == {}
    assert record.patient == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda found: found.WaveformSequence.clear(), "an original ECG waveform, got none"),
        (lambda found: channel(found, 3).pop("ChannelSensitivity"), "lead aVR a unit of"),
        (
            lambda found: channel(found, 3).pop("ChannelSensitivityUnitsSequence"),
            "lead aVR a unit of uV, mV, V or nV, got None",
        ),
        (
            lambda found: setattr(
                channel(found, 0).ChannelSensitivityUnitsSequence[0], "CodeValue", "mm[Hg]"
            ),
            "got 'mm[Hg]'",
        ),
        (
            lambda found: (
                channel(found, 6)
                .ChannelSourceSequence[0]
                .update({"CodeValue": "5.6.3-9-66", "CodeMeaning": "Lead V7"})
            ),
            "missing: V1",
        ),
        (lambda found: setattr(found.WaveformSequence[0], "SamplingFrequency", "50"), "100 Hz"),
        (lambda found: found.WaveformSequence[0].pop("WaveformData"), "damaged one"),
        (
            lambda found: setattr(
                found.WaveformSequence[0],
                "WaveformData",
                found.WaveformSequence[0].WaveformData[:-100],
            ),
            "damaged one",
        ),
        (
            lambda found: setattr(found.WaveformSequence[0], "WaveformBitsAllocated", 8),
            "got SS of 8 bits",
        ),
        (
            lambda found: setattr(channel(found, 2), "WaveformBitsStored", 32),
            "samples of one size, got SS of 16 bits, of which 16 and 32 are stored",
        ),
        (lambda found: setattr(channel(found, 0), "ChannelSensitivity", 1e6), "within ±500 mV"),
    ],
)
def test_what_the_file_does_not_say_rightly_excludes_it(
    change: Callable[[Dataset], object], reason: str, tmp_path: Path
) -> None:
    assert reason in why_not(change, tmp_path)


def test_padding_within_a_strip_is_not_taken_for_voltage(tmp_path: Path) -> None:
    def hole(found: Dataset) -> None:
        raw = np.frombuffer(found.WaveformSequence[0].WaveformData, "<i2").copy()
        raw[12 * 700 : 12 * 702] = -32768
        found.WaveformSequence[0].WaveformData = raw.tobytes()

    assert "padding within the waveform" in why_not(hole, tmp_path)


def test_files_that_are_no_dicom_are_named_and_cost_no_other(tmp_path: Path) -> None:
    content = (DICOM / MORTARA).read_bytes()
    (tmp_path / "whole").write_bytes(content)
    (tmp_path / "half.dcm").write_bytes(content[: len(content) // 2])
    (tmp_path / "text.dcm").write_text("not a DICOM file")
    (tmp_path / "empty.dcm").write_bytes(b"")
    (tmp_path / "DICOMDIR").write_bytes(b"")
    records = open_records("dicom", tmp_path)
    assert [record.id for record in records] == ["whole"]
    assert {name for name, _ in records.excluded} == {"half.dcm", "text.dcm", "empty.dcm"}
