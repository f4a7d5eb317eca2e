"""Philips ECG XML: two real files, and files that are damaged or say too little."""

import re
from base64 import b64decode, b64encode
from pathlib import Path

import numpy as np
import pytest
from ecglens.datamodules import open_records
from ecglens.ecg import Record, from_eight
from ecglens_formats.philips import Philips

PHILIPS = Path(__file__).parent / "data" / "philips"
V103, V104 = "129DYPRG.XML", "2020-5-18_15-48-11.xml"
# Digits at sample 2750 in the order of LEADS, from the tests of sierra-ecg-tools (another decoder).
MIDDLE = {
    V103: (-9, -17, -7, 13, -1, -12, 0, -1, -3, -4, -7, -6),
    V104: (-12, 78, 90, -33, -51, 84, 14, 3, -24, -20, -13, -21),
}
UV = 5.0  # per digit, in both


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    return {record.id: record for record in open_records("philips", PHILIPS)}


def changed(old: str, new: str, folder: Path) -> str:
    """Why the file of version 1.03 is excluded once its words `old` are `new`."""
    content = (PHILIPS / V103).read_text()
    assert old in content
    (folder / "1.xml").write_text(content.replace(old, new, 1))
    records = open_records("philips", folder)
    assert list(records) == []
    ((name, reason),) = records.excluded
    assert name == "1.xml"
    assert "\n" not in reason
    return reason


@pytest.mark.parametrize("name", [V103, V104])
def test_signals_equal_those_of_another_decoder(name: str, records: dict[str, Record]) -> None:
    record = records[name]
    assert record.fs == 500.0
    np.testing.assert_array_equal(record.signal[:, 2750], UV * np.array(MIDDLE[name]))


@pytest.mark.parametrize("name", [V103, V104])
def test_limb_leads_keep_einthoven_s_law_but_for_rounding(
    name: str, records: dict[str, Record]
) -> None:
    signal = records[name].signal
    following = from_eight(signal[[0, 1, 6, 7, 8, 9, 10, 11]])
    assert np.abs(signal - following).max() <= 2 * UV


@pytest.mark.parametrize(("name", "samples"), [(V103, 5264), (V104, 5300)])
def test_the_strip_ends_before_the_calibration_pulse(
    name: str, samples: int, records: dict[str, Record]
) -> None:
    whole = Philips(PHILIPS).embedded(name).signal
    assert whole.shape == (12, 5500)
    assert (whole[:, 5350:5450] == 1000.0).all()
    np.testing.assert_array_equal(records[name].signal, whole[:, :samples])
    assert (whole[:, samples:5350] == 0.0).all()


def test_labels_and_person_are_the_file_s_own(records: dict[str, Record]) -> None:
    assert records[V103].labels == {
        "pr": 151.0,
        "qrs": 135.0,
        "qt": 476.0,
        "rate": 41.0,
        "age": 50.0,
        "sex": 0.0,
    }
    assert records[V103].patient == "1112010721168bdc"
    labels = dict(records[V104].labels)
    assert np.isnan(labels.pop("sex"))  # "Unknown"
    assert labels.pop("age") == pytest.approx(69.4, abs=0.1)  # by date of birth
    assert labels == {"pr": 164.0, "qrs": 102.0, "qt": 399.0, "rate": 64.0}


def test_the_representative_beat_is_read_and_not_taken_where_it_is_too_short() -> None:
    typical = Philips(PHILIPS).embedded(V104).typical
    assert typical is not None
    assert (typical.signal.shape, typical.fs) == ((12, 1200), 1000.0)
    assert np.abs(typical.signal[2] - typical.signal[1] + typical.signal[0]).max() <= 15.0
    with pytest.raises(ValueError, match="542 ms before its R peak and 658 behind"):
        typical.placed()


def test_a_representative_beat_loses_its_padding(tmp_path: Path) -> None:
    """Version 1.04 fills beats of 600 samples up to 1200 with 32767."""

    def filled(found: re.Match[str]) -> str:
        digits = np.frombuffer(b64decode(found[2]), "<i2").copy()
        digits[600:] = 32767
        return found[1] + b64encode(digits.tobytes()).decode()

    content = (PHILIPS / V104).read_text("utf-16")
    content = re.sub(r'(<waveform duration="1200">)([^<]*)', filled, content)
    (tmp_path / "1.xml").write_text(content, "utf-16")
    typical = Philips(tmp_path).embedded("1.xml").typical
    whole = Philips(PHILIPS).embedded(V104).typical
    assert typical is not None
    assert whole is not None
    np.testing.assert_array_equal(typical.signal, whole.signal[:, :600])


def test_a_measurement_that_failed_is_nan_and_a_file_without_any_has_none(tmp_path: Path) -> None:
    content = (PHILIPS / V103).read_text()
    failed = content.replace("<meanprint>151</meanprint>", "<meanprint>Failed</meanprint>", 1)
    (tmp_path / "1.xml").write_text(failed)
    start, end = content.index("<measurements "), content.index("</measurements>")
    without = content[:start] + content[end + len("</measurements>") :]
    (tmp_path / "2.xml").write_text(without)
    first, second = open_records("philips", tmp_path)
    assert np.isnan(first.labels["pr"])
    assert first.labels["qrs"] == 135.0
    assert second.labels == {"age": 50.0, "sex": 0.0}
    np.testing.assert_array_equal(first.signal, second.signal)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<documentversion>1.03", "<documentversion>1.05", "of 1.03, 1.04, 1.04.01, got 1.05"),
        ("<restingecgdata", "<other", "got a damaged one"),
        ('"XLI"', '"Huffman"', "waveforms in Base64 and XLI, got Base64 and Huffman"),
        (' compressmethod="XLI"', "", "XLI, got Base64 and no compression"),
        ('dataencoding="Base64"', 'dataencoding="Plain"', "got Plain and XLI"),
        ("<samplingrate>500", "<samplingrate>", "got nan Hz"),
        ("<samplingrate>500", "<samplingrate>-500", "got -500 Hz"),
        (" compressmethod", ' samplespersecond="1000" compressmethod', "got 500 and 1000"),
        (" compressmethod", ' resolution="2.5" compressmethod', "got 2.5 and 5"),
        ("<signalresolution>5<", "<signalresolution>?<", "got 500 Hz, nan µV"),
        ("<signaloffset>0", "<signaloffset>7", "5 µV, 7 and 11000 ms"),
        ('durationperchannel="11000"', 'durationperchannel="9e9"', "9e+09 ms"),
        ('durationperchannel="11000"', 'durationperchannel="10000"', "got more than 10000"),
        ("7gUAAAEA", "7gUAAAEAAAAAAAAA", "got a damaged one"),
        ("7gUAAAEA", "7gUAAA", "got a damaged one"),
    ],
)
def test_what_the_file_does_not_say_rightly_excludes_it(
    old: str, new: str, reason: str, tmp_path: Path
) -> None:
    assert reason in changed(old, new, tmp_path)


def excluded(folder: Path) -> list[tuple[str, str]]:
    records = open_records("philips", folder)
    assert list(records) == []
    return list(records.excluded)


def test_electrodes_of_another_set_exclude_the_file(tmp_path: Path) -> None:
    (tmp_path / "1.xml").write_text((PHILIPS / V103).read_text().replace("STD-12", "FRANK"))
    ((_, reason),) = excluded(tmp_path)
    assert "expected in 1.xml the leads of STD-12 or 10-WIRE" in reason


def test_a_truncated_file_is_named_and_costs_no_other(tmp_path: Path) -> None:
    content = (PHILIPS / V103).read_bytes()
    (tmp_path / "1.xml").write_bytes(content[:-5000])
    (tmp_path / "2.xml").write_bytes(content)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "3.xml").write_bytes(b"")
    records = open_records("philips", tmp_path)
    assert [record.id for record in records] == ["2.xml"]
    assert {name for name, _ in records.excluded} == {"1.xml", "sub/3.xml"}


def test_a_lead_missing_by_name_excludes_the_file(tmp_path: Path) -> None:
    content = (PHILIPS / V104).read_text("utf-16")
    renamed = content.replace('leadlabels="I II III aVR', 'leadlabels="I II III X', 1)
    (tmp_path / "1.xml").write_text(renamed, "utf-16")
    ((_, reason),) = excluded(tmp_path)
    assert "expected 12 leads in XLI data, 'aVR' is missing" in reason


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a folder with files of \.xml, got"):
        len(open_records("philips", tmp_path).reader)
