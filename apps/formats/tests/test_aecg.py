"""HL7 annotated ECGs: HL7's own sample, and what it says when it says something else."""

import re
from pathlib import Path

import numpy as np
import pydicom
import pytest
from ecglens.datamodules import open_records
from ecglens.ecg import Record
from ecglens_formats.aecg import Aecg

DATA = Path(__file__).parent / "data"
CONTENT = (DATA / "aecg" / "Example.xml").read_text("utf-8")


def read(content: str, folder: Path) -> Record:
    (folder / "1.xml").write_text(content, "utf-8")
    (record,) = open_records("aecg", folder)
    return record


def why_not(content: str, folder: Path) -> str:
    (folder / "1.xml").write_text(content, "utf-8")
    records = open_records("aecg", folder)
    assert list(records) == []
    ((_, reason),) = records.excluded
    assert "\n" not in reason
    return reason


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_the_strip_equals_the_same_ecg_in_dicom_read_by_pydicom(tmp_path: Path) -> None:
    """Example.dcm was made from this file by other people's code."""
    record = read(CONTENT, tmp_path)
    converted = pydicom.dcmread(DATA / "dicom" / "Example.dcm").waveform_array(0)
    assert record.fs == 500.0
    assert np.abs(record.signal - converted.T).max() < 1.0


def test_labels_and_person_are_the_file_s_own(tmp_path: Path) -> None:
    record = read(CONTENT, tmp_path)
    assert record.patient == "SBJ-123"
    assert record.labels == {"pr": 148.0, "qrs": 120.0, "qt": 420.0, "age": 46.0, "sex": 0.0}


def test_the_representative_beat_and_its_waves_are_read() -> None:
    typical = Aecg(DATA / "aecg").embedded("Example.xml").typical
    assert typical is not None
    assert (typical.signal.shape, typical.fs) == ((12, 599), 500.0)
    assert typical.points == {
        "p_on": 286.0,
        "p_off": 388.0,
        "qrs_on": 434.0,
        "qrs_off": 554.0,
        "t_off": 854.0,
    }
    with pytest.raises(ValueError, match="492 ms before its R peak and 706 behind"):
        typical.placed()


def test_a_longer_representative_beat_is_the_record_s_beat_with_its_marks(tmp_path: Path) -> None:
    """HL7's sample with 5 samples more before each lead of its beat."""
    start = CONTENT.index("<derivation>")
    longer = CONTENT[:start] + re.sub(
        r"<digits>\s*(-?\d+)", r"<digits> \1 \1 \1 \1 \1 \1", CONTENT[start:]
    )
    record = read(longer, tmp_path)
    assert record.beat is not None
    assert record.marks is not None
    # Its largest deflection is sample 246 + 5, so one sample is cut off before the beat.
    assert (record.marks.qrs_on, record.marks.t_off) == (434 / 2 - 1, 854 / 2 - 1)


def test_scale_origin_and_units_are_applied(tmp_path: Path) -> None:
    usual = read(CONTENT, tmp_path)
    millivolts = CONTENT.replace(
        '<scale value="2.5" unit="uV"/>', '<scale value="0.0025" unit="mV"/>'
    )
    np.testing.assert_allclose(read(millivolts, tmp_path).signal, usual.signal, atol=1e-2)
    shifted = CONTENT.replace('<origin value="0" unit="uV"/>', '<origin value="0.1" unit="mV"/>')
    np.testing.assert_allclose(read(shifted, tmp_path).signal, usual.signal + 100.0, atol=1e-2)


def test_the_rate_follows_from_the_step_in_its_unit(tmp_path: Path) -> None:
    step = '<increment value="0.002" unit="s"/>'
    assert read(CONTENT.replace(step, '<increment value="4" unit="ms"/>'), tmp_path).fs == 250.0


def test_an_interval_without_a_known_unit_is_no_label(tmp_path: Path) -> None:
    content = CONTENT.replace('value="148" unit="ms"', 'value="148"')
    content = content.replace('value="120" unit="ms"', 'value="0.12" unit="s"')
    labels = read(content, tmp_path).labels
    assert "pr" not in labels
    assert labels["qrs"] == pytest.approx(120.0)


def test_annotations_of_one_lead_are_left_aside(tmp_path: Path) -> None:
    lead = (
        '<support><supportingROI classCode="ROIBND"><code code="ROIPS"/><component><boundary>'
        '<code code="MDC_ECG_LEAD_II"/></boundary></component></supportingROI></support>'
    )
    content = re.sub(
        r'(<value xsi:type="PQ" value="420" unit="ms"/>)', lambda found: found[1] + lead, CONTENT
    )
    assert "qt" not in read(content, tmp_path).labels


def test_age_follows_from_the_date_of_birth_when_it_is_not_reported(tmp_path: Path) -> None:
    age = read(CONTENT.replace('value="46" unit="a"', 'unit="a"'), tmp_path).labels["age"]
    assert age == pytest.approx(49.54, abs=0.01)
    assert read(CONTENT.replace('value="46" unit="a"', 'value="6" unit="mo"'), tmp_path).labels[
        "age"
    ] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('code="RHYTHM"', 'code="OTHER"', "expected in 1.xml a series RHYTHM, got none"),
        ('scale value="2.5" unit="uV"', 'scale value="2.5" unit="mm"', "got 'mm'"),
        ('scale value="2.5" unit="uV"', 'scale value="2.5"', "a unit of uV, mV, V or nV, got None"),
        ('<scale value="2.5" unit="uV"/>', "", "digits with origin and scale, got none"),
        ('increment value="0.002" unit="s"', 'increment value="2" unit="h"', "a time step in s"),
        ('increment value="0.002" unit="s"', 'increment value="-1" unit="s"', "a time step in s"),
        ("MDC_ECG_LEAD_V3", "MDC_ECG_LEAD_V8", "missing: V3"),
        ("MDC_ECG_LEAD_III", "MDC_ECG_LEAD_II", "each lead once, got II again"),
        ("<digits> -2 -2", "<digits> -2 NaN", "NaN or infinite values in I"),
        ("<digits> -2 -2", "<digits> -2 x", "a damaged one"),
        ("<digits> -2 -2", "<digits> -2", "a damaged one"),
        ('scale value="2.5" unit="uV"', 'scale value="2.5" unit="V"', "within ±500 mV"),
        ("</AnnotatedECG>", "", "a damaged one"),
        ("<AnnotatedECG ", "<other ", "a damaged one"),
    ],
)
def test_what_the_file_does_not_say_rightly_excludes_it(
    old: str, new: str, reason: str, tmp_path: Path
) -> None:
    assert old in CONTENT
    assert reason in why_not(CONTENT.replace(old, new, 1), tmp_path)


def test_leads_recorded_one_after_the_other_make_no_strip(tmp_path: Path) -> None:
    twice = CONTENT.replace(
        "</sequenceSet>", "</sequenceSet></component><component><sequenceSet/>", 1
    )
    assert "one set of simultaneous leads, got 2" in why_not(twice, tmp_path)


def test_a_file_without_annotations_is_read_and_has_no_measurements(tmp_path: Path) -> None:
    content = re.sub(r"<subjectOf>.*?</subjectOf>", "", CONTENT, flags=re.S)
    assert read(content, tmp_path).labels == {"age": 46.0, "sex": 0.0}
