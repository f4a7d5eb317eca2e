"""The PhysioNet/CinC Challenge: codes as labels, what a database never codes, and PTB-XL again."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import wfdb
from ecglens.datamodules import open_records
from ecglens_formats.cinc import COPY, codes_of, database_of

from tests.datamodules.wfdb_records import edit, write_record

CINC = Path(__file__).parents[3] / "tests" / "data" / "cinc"
SINUS, AF, PACED, FLUTTER = "426783006", "164889003", "10370003", "164890007"


def test_signals_equal_wfdb_s_to_a_microvolt() -> None:
    records = list(open_records("cinc", CINC, ptbxl=True))
    assert [record.id for record in records] == ["E07500", "HR06000", "JS20000"]
    for record in records:
        found = wfdb.rdrecord(str(CINC / record.id))
        assert isinstance(found, wfdb.Record)
        assert found.p_signal is not None
        assert np.abs(record.signal - 1000 * found.p_signal.T).max() < 1
        assert np.abs(record.signal[2] - (record.signal[1] - record.signal[0])).max() <= 2
        assert record.fs == 500


def test_the_records_of_ptbxl_are_excluded_by_name_unless_wanted(tmp_path: Path) -> None:
    records = open_records("cinc", CINC)
    assert [record.id for record in records] == ["E07500", "JS20000"]
    assert records.excluded == [("HR06000", COPY)]
    assert len(records.reader) == 3
    both = open_records("cinc", CINC, ptbxl=True).reader
    assert both.origin(0, 3) != records.reader.origin(0, 3)  # what is prepared is not mistaken
    for ending in (".hea", ".mat"):
        shutil.copyfile(CINC / f"HR06000{ending}", tmp_path / f"HR06000{ending}")
    with pytest.raises(ValueError, match="beside those of PTB-XL, got 1 HR"):
        list(open_records("cinc", tmp_path))


def test_codes_age_and_sex_come_from_the_header() -> None:
    georgia, ningbo = open_records("cinc", CINC)
    assert [georgia.labels["age"], georgia.labels["sex"]] == [78, 0]
    assert [ningbo.labels["age"], ningbo.labels["sex"]] == [84, 1]
    stated = {name for name, value in georgia.labels.items() if name[:7] == "snomed_" and value}
    assert stated == {"snomed_67741000119109", "snomed_426177001"}
    assert georgia.labels[f"snomed_{AF}"] == 0


def test_a_code_that_the_database_never_uses_is_unknown() -> None:
    georgia, ningbo = open_records("cinc", CINC)
    assert f"snomed_{PACED}" not in georgia.labels
    assert ningbo.labels[f"snomed_{PACED}"] == 0
    assert f"snomed_{AF}" not in ningbo.labels
    assert ningbo.labels[f"snomed_{FLUTTER}"] == 0


@pytest.mark.parametrize(
    ("record", "database"),
    [
        ("A0001", "cpsc"),
        ("Q0001", "cpsc_extra"),
        ("I0001", "stpetersburg"),
        ("S0001", "ptb"),
        ("HR00001", "ptbxl"),
        ("E00001", "georgia"),
        ("JS10646", "chapman"),
        ("JS10647", "ningbo"),
        ("JS", ""),
        ("X1", ""),
        ("00001_hr", ""),
    ],
)
def test_the_name_of_a_record_tells_its_database(record: str, database: str) -> None:
    assert database_of(record) == database
    assert bool(codes_of(database)) == bool(database)


def test_both_years_headers_and_headers_without_codes_are_read(tmp_path: Path) -> None:
    header = write_record(tmp_path / "2020", "A0001", comments=["Age: NaN", "Dx: 59118001"])
    edit(header, "# Dx: ", "#Dx: ")
    write_record(tmp_path / "none", "A0002", comments=["Age: -1", "Sex: Unknown", "Dx: Unknown"])
    write_record(tmp_path / "other", "X1", comments=["Dx: 426783006 , 59118001"])
    first, second, third = open_records("cinc", tmp_path)
    assert first.labels["snomed_59118001"] == 1
    assert first.labels[f"snomed_{SINUS}"] == 0
    assert np.isnan(first.labels["age"])
    assert set(second.labels) == {"age", "sex"}
    assert np.isnan([*second.labels.values()]).all()
    assert {name for name in third.labels if name[:7] == "snomed_"} == {
        "snomed_59118001",
        f"snomed_{SINUS}",
    }


def test_a_changed_code_changes_the_origin_and_a_cut_file_is_named(tmp_path: Path) -> None:
    for file in CINC.glob("E07500.*"):
        shutil.copyfile(file, tmp_path / file.name)
    reader = open_records("cinc", tmp_path).reader
    before = reader.origin(0, 1)
    assert before == open_records("cinc", CINC).reader.origin(0, 1)
    edit(tmp_path / "E07500.hea", "426177001", AF)
    assert reader.origin(0, 1) != before
    (tmp_path / "E07500.mat").write_bytes((CINC / "E07500.mat").read_bytes()[:4000])
    records = open_records("cinc", tmp_path)
    assert not list(records)
    assert "E07500.hea, got a damaged one" in records.excluded[0].reason
