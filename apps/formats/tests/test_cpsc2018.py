"""CPSC 2018 on fictitious files of its form: units, classes, damaged and swollen files."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from ecglens.datamodules import open_records
from ecglens_formats.cpsc2018 import LARGEST

from tests.datamodules.wfdb_records import waves

REFERENCE = "Recording,First_label,Second_label,Third_label\n"


def write(
    folder: Path, name: str, data: np.ndarray, sex: str = "Female", age: float = 61.0
) -> Path:
    """A file as the Challenge published them: a struct ECG, compressed."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.mat"
    scipy.io.savemat(file, {"ECG": {"sex": sex, "age": age, "data": data}}, do_compression=True)
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two records and their classes."""
    write(tmp_path / "TrainingSet1", "A0001", waves().T)
    write(tmp_path / "TrainingSet2", "A0002", -waves(3000).T, "Male", np.nan)
    (tmp_path / "REFERENCE.csv").write_text(f"{REFERENCE}A0001,5,,\nA0002,2,9,\n")
    return tmp_path


def test_millivolts_become_microvolts_at_500_hz(folder: Path) -> None:
    first, second = open_records("cpsc2018", folder)
    assert np.abs(first.signal - 1000 * waves().T).max() < 1
    assert [first.id, first.patient, first.fs] == ["A0001", "A0001", 500]
    assert second.signal.shape == (12, 3000)


def test_age_and_sex_come_from_the_file(folder: Path) -> None:
    first, second = open_records("cpsc2018", folder)
    assert [first.labels["age"], first.labels["sex"]] == [61, 1]
    assert np.isnan(second.labels["age"])
    assert second.labels["sex"] == 0


def test_the_nine_classes_come_from_the_table(folder: Path) -> None:
    first, second = (record.labels for record in open_records("cpsc2018", folder))
    assert {name for name, value in first.items() if name[:5] == "cpsc_" and value} == {"cpsc_rbbb"}
    assert [second["cpsc_af"], second["cpsc_ste"], second["cpsc_normal"]] == [1, 1, 0]
    assert sum(name.startswith("cpsc_") for name in first) == 9


def test_signals_are_read_without_the_table_or_a_row_in_it(folder: Path) -> None:
    (folder / "REFERENCE.csv").write_text(f"{REFERENCE}A0002,1,,\n")
    first, second = open_records("cpsc2018", folder)
    assert set(first.labels) == {"age", "sex"}
    assert second.labels["cpsc_normal"] == 1
    (folder / "REFERENCE.csv").unlink()
    assert all(set(r.labels) == {"age", "sex"} for r in open_records("cpsc2018", folder))


def test_the_origin_follows_the_classes_of_its_ecgs_and_no_others(folder: Path) -> None:
    reader = open_records("cpsc2018", folder).reader
    before = [reader.origin(n, n + 1) for n in (0, 1)]
    (folder / "REFERENCE.csv").write_text(f"{REFERENCE}A0001,15,,\nA0002,2,9,\n")
    after = [reader.origin(n, n + 1) for n in (0, 1)]
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_a_class_that_does_not_exist_excludes_its_record(folder: Path) -> None:
    (folder / "REFERENCE.csv").write_text(f"{REFERENCE}A0001,15,,\nA0002,2,9,\n")
    records = open_records("cpsc2018", folder)
    assert [record.id for record in records] == ["A0002"]
    assert "expected classes 1 … 9" in records.excluded[0].reason


def test_damaged_files_are_named_and_cost_no_other(folder: Path) -> None:
    good = (folder / "TrainingSet1" / "A0001.mat").read_bytes()
    (folder / "cut.mat").write_bytes(good[:20000])
    (folder / "empty.mat").write_bytes(b"")
    (folder / "noise.mat").write_bytes(bytes(range(256)) * 4)
    write(folder, "eight", waves(leads=8).T)
    write(folder, "nan", np.full((12, 5000), np.nan))
    write(folder, "huge", 1e6 * waves().T)
    scipy.io.savemat(folder / "other.mat", {"val": waves().T})
    records = open_records("cpsc2018", folder)
    assert [record.id for record in records] == ["A0001", "A0002"]
    reasons = dict(records.excluded)
    assert set(reasons) == {"cut", "empty", "noise", "eight", "nan", "huge", "other"}
    for name in ("cut", "empty", "noise", "other"):
        assert f"expected a readable {name}.mat" in reasons[name], reasons[name]
    assert "expected 12 leads by time in eight.mat, got (8, 5000)" in reasons["eight"]
    assert "expected finite values, got 60000" in reasons["nan"]
    assert "expected a signal within ±500 mV" in reasons["huge"]


def test_a_small_file_that_would_fill_the_memory_is_refused(folder: Path) -> None:
    header = (folder / "TrainingSet1" / "A0001.mat").read_bytes()[:128]
    packer = zlib.compressobj(9)
    zeros = bytes(2**20)
    swollen = b"".join(packer.compress(zeros) for _ in range(LARGEST // 2**20 + 1)) + packer.flush()
    file = folder / "swollen.mat"
    file.write_bytes(header + struct.pack("<II", 15, len(swollen)) + swollen)
    assert file.stat().st_size < 2**17
    records = open_records("cpsc2018", folder)
    assert [record.id for record in records] == ["A0001", "A0002"]
    assert "more than 64 MB when unpacked" in records.excluded[0].reason
