"""CODE-15 %: many ECGs in one HDF5 file, zeros around them, and a table of diagnoses."""

import shutil
from itertools import islice
from pathlib import Path

import h5py
import numpy as np
import pytest
from ecglens.datamodules import open_records, prepare
from ecglens.ecg import resampled
from ecglens.store import Store

TABLE = """exam_id,age,is_male,nn_predicted_age,1dAVb,RBBB,LBBB,SB,ST,AF,patient_id,death,timey,\
normal_ecg,trace_file
1169160,38,True,40.2,False,False,False,False,False,False,523632,False,2.1,True,exams_part0.hdf5
2873686,73,False,67.1,True,True,False,False,False,False,1724173,,,False,exams_part0.hdf5
99,51,True,50.0,False,False,False,False,True,False,523632,True,1.5,False,exams_part10.hdf5
"""
SECONDS = {"1169160": 10, "2873686": 7, "99": 10}

LUDB = [*islice(open_records("ludb", Path(__file__).parents[3] / "tests" / "data" / "ludb"), 3)]


def microvolts(index: int, seconds: int) -> np.ndarray:
    """An ECG at 400 Hz."""
    signal = LUDB[index].signal.astype(float)
    return resampled(signal, 500.0, 400.0)[:, : 400 * seconds] + 0.1


def tracing(index: int, seconds: int) -> np.ndarray:
    """An ECG as the data set keeps it: mV times 2, zeros on both sides."""
    signal = microvolts(index, seconds)
    before = (4096 - signal.shape[1]) // 2
    padded = np.zeros((4096, 12), np.float32)
    padded[before : before + signal.shape[1]] = 2e-3 * signal.T
    return padded


def write(file: Path, exams: dict[int, np.ndarray]) -> None:
    """The last row of each file is empty."""
    with h5py.File(file, "w") as content:
        content["exam_id"] = np.array([*exams, 0])
        content["tracings"] = np.stack([*exams.values(), np.zeros((4096, 12), np.float32)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "code15"
    path.mkdir()
    (path / "exams.csv").write_text(TABLE)
    write(path / "exams_part0.hdf5", {1169160: tracing(0, 10), 2873686: tracing(1, 7)})
    write(path / "exams_part10.hdf5", {99: tracing(2, 10)})
    return path


def test_signals_come_in_microvolts_without_the_zeros_around_them(folder: Path) -> None:
    records = list(open_records("code15", folder))
    assert [record.id for record in records] == ["1169160", "2873686", "99"]
    for index, record in enumerate(records):
        assert record.fs == 400
        assert record.signal.shape == (12, 400 * SECONDS[record.id])
        assert np.abs(record.signal - microvolts(index, SECONDS[record.id])).max() < 1e-2


def test_the_factor_of_the_amplitude_is_a_setting_and_part_of_the_origin(folder: Path) -> None:
    first, other = (open_records("code15", folder, uv_per_unit=each) for each in (500.0, 100.0))
    for one, two in zip(first, other, strict=True):
        np.testing.assert_allclose(one.signal, 5 * two.signal, rtol=1e-6)
    assert first.reader.origin(0, 3) != other.reader.origin(0, 3)
    with pytest.raises(ValueError, match=r"data\.uv_per_unit above 0 µV, got -1"):
        open_records("code15", folder, uv_per_unit=-1.0)


def test_age_sex_diagnoses_and_patient_come_from_the_table(folder: Path) -> None:
    first, second, third = open_records("code15", folder)
    assert (first.patient, second.patient, third.patient) == ("523632", "1724173", "523632")
    healthy = {"1dAVb": 0, "RBBB": 0, "LBBB": 0, "SB": 0, "ST": 0, "AF": 0, "normal_ecg": 1}
    assert first.labels == {"age": 38, "sex": 0, "death": 0, **healthy}
    assert second.labels["sex"] == second.labels["1dAVb"] == second.labels["RBBB"] == 1
    assert np.isnan(second.labels["death"])
    assert (third.labels["ST"], third.labels["AF"]) == (1, 0)


def test_labels_become_columns_of_the_prepared_table(folder: Path, tmp_path: Path) -> None:
    prepared = prepare(open_records("code15", folder), Store(tmp_path / "store"), workers=1)
    assert prepared.label("RBBB").tolist() == [0, 1, 0]
    assert prepared.label("age").tolist() == [38, 73, 51]
    assert np.isfinite(prepared.label("qrs")).all()  # measured


def test_signals_are_read_without_the_table(folder: Path) -> None:
    (folder / "exams.csv").unlink()
    records = list(open_records("code15", folder))
    assert [record.labels for record in records] == [{}, {}, {}]
    assert {record.patient for record in records} == {""}


def test_a_table_without_labels_names_the_patients(folder: Path) -> None:
    (folder / "exams.csv").write_text("exam_id,patient_id\n1169160,523632\n99,523632\n")
    records = open_records("code15", folder)
    found = list(records)
    assert [(record.id, record.patient) for record in found] == [
        ("1169160", "523632"),
        ("99", "523632"),
    ]
    assert not any(record.labels for record in found)
    assert records.excluded == [("2873686", "no row in exams.csv")]


def test_a_table_that_names_an_exam_twice_is_refused_before_the_first_ecg(folder: Path) -> None:
    (folder / "exams.csv").write_text(TABLE + TABLE.splitlines()[1] + "\n")
    with pytest.raises(ValueError, match=r"each id once in exams\.csv, got '1169160' twice"):
        len(open_records("code15", folder).reader)


def test_damaged_files_and_exams_are_named_and_cost_no_other(folder: Path) -> None:
    ids = ("1169160", "2873686", "99", "5", "6", "7")
    (folder / "exams.csv").write_text("exam_id,patient_id\n" + "".join(f"{i},1\n" for i in ids))
    whole = (folder / "exams_part0.hdf5").read_bytes()
    (folder / "exams_part1.hdf5").write_bytes(whole[: len(whole) // 2])
    (folder / "exams_part2.hdf5").write_bytes(bytes(range(256)))
    shutil.copyfile(folder / "exams_part10.hdf5", folder / "exams_part11.hdf5")
    with h5py.File(folder / "exams_part3.hdf5", "w") as content:
        content["tracings"] = np.ones((2, 4096, 12), np.float32)
    with h5py.File(folder / "exams_part4.hdf5", "w") as content:
        content["exam_id"], content["tracings"] = [7, 8], np.ones((2, 4096, 8), np.float32)
    with h5py.File(folder / "exams_part6.hdf5", "w") as content:  # 2 kB that unpack to 80 GB
        content.create_dataset("exam_id", (10**10,), "i8", chunks=(10**6,), compression="gzip")
    broken = {5: tracing(0, 10), 6: np.zeros((4096, 12), np.float32), 7: 1e3 * tracing(0, 10)}
    broken[5][2000, 3] = np.nan
    write(folder / "exams_part5.hdf5", broken)
    records = open_records("code15", folder)
    assert [record.id for record in records] == ["1169160", "2873686", "99"]
    reasons = records.excluded
    assert [name for name, _ in reasons] == [
        "exams_part1.hdf5",
        "exams_part2.hdf5",
        "exams_part3.hdf5",
        "exams_part4.hdf5",
        "5",
        "6",
        "7",
        "exams_part6.hdf5",
        "99",
    ]
    words = ["truncated", "signature", "exam_id", "shape (2, 4096, 8)", "NaN", "zeros", "±500 mV",
             "76293 MB unpacked", "this one again"]  # fmt: skip
    for (name, reason), word in zip(reasons, words, strict=True):
        assert word in reason, name
        assert "\n" not in reason


def test_a_folder_without_its_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"the unzipped files exams_part\*\.hdf5, got"):
        open_records("code15", tmp_path)


def test_the_origin_follows_these_ecgs_and_their_rows_alone(folder: Path) -> None:
    before = open_records("code15", folder).reader
    kept = [before.origin(0, 1), before.origin(1, 2), before.origin(2, 3)]
    (folder / "exams.csv").write_text(TABLE.replace("1169160,38", "1169160,39"))
    write(folder / "exams_part0.hdf5", {1169160: tracing(0, 10), 2873686: tracing(1, 10)})
    after = open_records("code15", folder).reader
    assert after.origin(0, 1)["files"] == kept[0]["files"]
    assert after.origin(0, 1)["rows"] != kept[0]["rows"]
    assert after.origin(1, 2)["files"] != kept[1]["files"]
    assert after.origin(2, 3) == kept[2]
