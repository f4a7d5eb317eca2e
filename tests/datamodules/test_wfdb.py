"""Any folder of WFDB records: units, leads, patients, and what a damaged record is excluded for."""

import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import wfdb
from ecglens.datamodules import open_records
from ecglens.datamodules.formats.wfdb_files import read_ecg
from ecglens.datamodules.readers.wfdb import WfdbFolder
from ecglens.ecg import LEADS, Record

from .wfdb_records import edit, waves, write_record

DATA = Path(__file__).parents[1] / "data"

# What is changed in a header, and what the reason then says.
BROKEN = {
    "unit": ("/mV", "/mmHg", "expected leads in V, mV, uV or nV, got mmHg"),
    "no_gain": ("1000.0(0)/mV", "0(0)/mV", "expected a gain for each signal"),
    "gain": (" 1000.0(0)/mV 16 0", "", "expected a gain for each signal"),
    "rate": (" 12 500 5000", " 12", "expected a sampling rate"),
    "slow": (" 12 500 5000", " 12 50 5000", "sampling rate of at least 100 Hz, got 50"),
    "huge": ("1000.0(0)/mV", "0.001(0)/mV", "expected a signal within ±500 mV"),
    "segments": (" 12 500", "/2 12 500", "expected a record of one segment"),
    "twice": (" V6\n", " I\n", "expected each lead once"),
    "frames": (" 16 1000.0", " 16x2 1000.0", "expected one sample per lead and frame"),
    "elsewhere": ("elsewhere.dat", "../elsewhere.dat", "expected files below"),
}


def reasons(folder: Path) -> dict[str, str]:
    records = open_records("wfdb", folder)
    list(records)
    assert not any("\n" in reason for _, reason in records.excluded)
    return dict(records.excluded)


@pytest.mark.parametrize("name", ["ludb", "ptbxl", "cinc"])
def test_each_sample_equals_what_wfdb_reads_to_a_microvolt(name: str) -> None:
    records = list(open_records("wfdb", DATA / name))
    assert len(records) == {"ludb": 32, "ptbxl": 4, "cinc": 3}[name]
    for record in records:
        found = wfdb.rdrecord(str(DATA / name / record.id))
        assert isinstance(found, wfdb.Record)
        assert found.p_signal is not None
        assert found.sig_name is not None
        assert [lead.lower() for lead in found.sig_name] == [lead.lower() for lead in LEADS]
        assert np.abs(record.signal - 1000 * found.p_signal.T).max() < 1
        assert record.fs == found.fs


def test_records_are_found_however_deep_they_lie_and_in_sorted_order(tmp_path: Path) -> None:
    for name in ("b/2", "a/x/9", "1"):
        write_record((tmp_path / name).parent, Path(name).name)
    records = open_records("wfdb", tmp_path)
    assert [record.id for record in records] == ["1", "a/x/9", "b/2"]
    with pytest.raises(ValueError, match=r"expected in data.path a folder, .* does not exist"):
        list(open_records("wfdb", tmp_path / "nothing"))


def test_names_open_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_record(tmp_path, "1")
    reader = open_records("wfdb", tmp_path).reader

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr("builtins.open", refuse)
    assert len(reader) == 1


@pytest.mark.parametrize(("unit", "microvolts"), [("V", 1e6), ("mv", 1e3), ("uV", 1), ("nV", 1e-3)])
def test_the_unit_of_the_header_decides_the_scale(
    tmp_path: Path, unit: str, microvolts: float
) -> None:
    one_millivolt = 1e3 / microvolts
    signal = waves() * one_millivolt
    write_record(tmp_path, "1", signal, units=[unit] * 12, gain=30000 / one_millivolt)
    (record,) = open_records("wfdb", tmp_path)
    assert np.abs(record.signal - 1000 * waves().T).max() < 1


def test_leads_are_taken_by_name_and_others_left_aside(tmp_path: Path) -> None:
    given = ["X", "V6", "Y", "V5", "V4", "V3", "Z", "V2", "V1", "II", "I", "resp"]
    write_record(tmp_path, "1", leads=given, units=["mV"] * 11 + ["Ohm"])
    (record,) = open_records("wfdb", tmp_path)
    by_name = dict(zip(given, 1000 * waves().T, strict=True))
    for lead in ("I", "II", "V1", "V6"):
        assert np.abs(record.signal[LEADS.index(lead)] - by_name[lead]).max() < 1
    assert np.abs(record.signal[2] - (by_name["II"] - by_name["I"])).max() < 2


def test_leads_may_have_the_names_of_the_mdc_vocabulary(tmp_path: Path) -> None:
    write_record(tmp_path / "mdc", "1", leads=[f"MDC_ECG_LEAD_{lead}" for lead in LEADS])
    write_record(tmp_path / "short", "1")
    one, other = (next(iter(open_records("wfdb", tmp_path / each))) for each in ("mdc", "short"))
    np.testing.assert_array_equal(one.signal, other.signal)


def test_names_that_are_no_leads_are_told(tmp_path: Path) -> None:
    path = tmp_path / "1"
    write_record(tmp_path, "1", leads=["ECG1", "ECG2"])
    with pytest.raises(ValueError, match="got ECG1, ECG2; missing: I"):
        read_ecg(path)


def test_the_patient_is_the_record_or_one_of_its_folders(tmp_path: Path) -> None:
    for place in ("site/p1/1", "site/p1/2", "other/p1/1"):
        write_record((tmp_path / place).parent, Path(place).name)
    assert [r.patient for r in open_records("wfdb", tmp_path)] == [
        "other/p1/1",
        "site/p1/1",
        "site/p1/2",
    ]
    by_folder = open_records("wfdb", tmp_path, patient_level=2)
    assert [r.patient for r in by_folder] == ["other/p1", "site/p1", "site/p1"]
    too_deep = open_records("wfdb", tmp_path, patient_level=3)
    assert not list(too_deep)
    assert "expected 3 folders above the record" in too_deep.excluded[0].reason


def test_age_and_sex_come_from_comments_where_they_are(tmp_path: Path) -> None:
    for name, comments in {
        "1": ["Age: 63", "Sex: Female"],
        "2": ["<age>: 300", "<sex>: M"],
        "3": ["Age: NaN", "Sex: Unknown"],
        "4": ["a remark"],
        "5": ["<age>: 65 <sex>: F <diagnoses> Coronary artery disease", "patient 1"],  # as INCART
    }.items():
        write_record(tmp_path, name, comments=comments)
    first, second, third, fourth, fifth = open_records("wfdb", tmp_path)
    assert fifth.labels == {"age": 65.0, "sex": 1.0}
    assert first.labels == {"age": 63.0, "sex": 1.0}
    assert np.isnan(second.labels["age"])
    assert second.labels["sex"] == 0
    assert np.isnan([third.labels["age"], third.labels["sex"]]).all()
    assert fourth.labels == {}


def test_damaged_records_are_named_and_cost_no_other(tmp_path: Path) -> None:
    write_record(tmp_path, "good")
    headers = {name: write_record(tmp_path, name) for name in BROKEN}
    for name, (old, new, _) in BROKEN.items():
        edit(headers[name], old, new)
    edit(headers["frames"], " 500 5000", " 500 2500")
    write_record(tmp_path, "cut")
    os.truncate(tmp_path / "cut.dat", 60001)
    write_record(tmp_path, "gone")
    (tmp_path / "gone.dat").unlink()
    missing = np.full((5000, 12), -32768, "<i2")
    write_record(tmp_path, "nan")
    missing.tofile(tmp_path / "nan.dat")
    (tmp_path / "empty.hea").write_text("")
    (tmp_path / "noise.hea").write_bytes(bytes(range(256)))
    write_record(tmp_path, "lead", leads=LEADS[:7])
    os.mkfifo(tmp_path / "pipe.hea")
    found = reasons(tmp_path)
    assert [record.id for record in open_records("wfdb", tmp_path)] == ["good"]
    for name, (_, _, words) in BROKEN.items():
        assert words in found[name], (name, found[name])
    assert "cut.hea, got a damaged one" in found["cut"]
    assert "gone.dat" in found["gone"]
    assert "expected finite values, got 60000" in found["nan"]
    assert "empty.hea" in found["empty"]
    assert "noise.hea" in found["noise"]
    assert "missing: V2, V3, V4, V5, V6" in found["lead"]
    assert "expected a file, got something else" in found["pipe"]
    others = {"cut", "gone", "nan", "empty", "noise", "lead", "pipe"}
    assert set(found) == {*BROKEN} | others


def test_one_changed_bit_of_the_samples_excludes_the_record(tmp_path: Path) -> None:
    for name in ("changed", "without"):
        write_record(tmp_path, name, waves() ** 2)  # no lead sums up to 0
    content = bytearray((tmp_path / "changed.dat").read_bytes())
    content[70_000] ^= 16
    for name in ("changed", "without"):
        (tmp_path / f"{name}.dat").write_bytes(content)
    # Some writers leave 0 in place of every checksum.
    header = tmp_path / "without.hea"
    text = re.sub(r"-?\d+( 0 \w+)$", r"0\1", header.read_text(), flags=re.MULTILINE)
    header.write_text(text)
    assert reasons(tmp_path) == {
        "changed": "expected a readable changed.hea, got a damaged one (ValueError: the samples of "
        "V3 are not those of its checksum); copy the record again"
    }


def test_a_reader_of_some_ecgs_reads_those_alone_and_as_the_whole_does() -> None:
    whole = WfdbFolder(DATA / "ludb" / "data")
    some = whole.only(["105", "1"])
    found = [each for each in some.read(0, len(some)) if isinstance(each, Record)]
    assert [each.id for each in found] == ["105", "1"]
    records = (each for each in whole.read(0, len(whole)) if isinstance(each, Record))
    same = next(each for each in records if each.id == "105")
    np.testing.assert_array_equal(found[0].signal, same.signal)
    assert len(whole) > 2  # the reader itself is as it was


def test_a_record_with_a_name_that_wfdb_cannot_spell_is_no_other_patient_s(tmp_path: Path) -> None:
    header = write_record(tmp_path, "1")
    for file in (header, header.with_suffix(".dat")):
        shutil.copy(file, file.with_stem("é1"))
    words = header.read_text().replace("1.dat", "é1.dat").replace("1 12 500", "é1 12 500")
    header.with_stem("é1").write_text(words, "utf-8")
    records = open_records("wfdb", tmp_path)
    assert [record.id for record in records] == ["1"]
    ((name, reason),) = records.excluded
    assert name == "é1"
    assert "expected names of files in ASCII in é1.hea" in reason
