"""LUDB in its original layout: signals, manual intervals, and files that are missing."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import wfdb
from ecglens.datamodules import open_records
from ecglens.ecg import LEADS, Record
from ecglens_formats.ludb import WAVE, global_intervals, read_marks

LUDB = Path(__file__).parents[3] / "tests" / "data" / "ludb"


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    return {record.id: record for record in open_records("ludb", LUDB)}


def copy_of(names: tuple[str, ...], folder: Path) -> Path:
    (folder / "data").mkdir()
    (folder / "RECORDS").write_text("".join(f"data/{name}\n" for name in names))
    for name in names:
        for file in (LUDB / "data").glob(f"{name}.*"):
            shutil.copyfile(file, folder / "data" / file.name)
    return folder


def test_signals_equal_wfdb_s_to_a_microvolt(records: dict[str, Record]) -> None:
    for name in ("1", "109"):
        found = wfdb.rdrecord(str(LUDB / "data" / name))
        assert isinstance(found, wfdb.Record)
        assert found.p_signal is not None
        assert found.sig_name == [lead.lower() for lead in LEADS]
        assert np.abs(records[name].signal - 1000 * found.p_signal.T).max() < 1
        assert records[name].fs == 500


def test_labels_are_the_manual_global_intervals(records: dict[str, Record]) -> None:
    """Against a table made from the same marks by other code (second-earliest … second-latest)."""
    table = pd.read_csv(LUDB / "manual_intervals_derived.csv", dtype={"rec": str}).set_index("rec")
    assert set(records) == set(table.index)
    for name, record in records.items():
        expected = table.loc[name, ["g1_PR", "g1_QRS", "g1_QT"]].to_numpy(float)
        given = [record.labels[label] for label in ("pr", "qrs", "qt")]
        np.testing.assert_array_equal(given, expected, err_msg=name)


def test_a_beat_s_marks_meet_over_the_leads() -> None:
    marks = read_marks(LUDB / "data" / "1", fs=500.0)
    assert marks.shape == (6, 12, 3, 2)
    onset = marks[:, :, WAVE["N"], 0]
    spread = np.nanmax(onset, axis=1) - np.nanmin(onset, axis=1)
    assert (spread < 30).all()  # 60 ms
    assert (np.nanmax(marks[:-1, :, WAVE["t"], 1], axis=1) < np.nanmin(onset[1:], axis=1)).all()


def test_the_second_of_the_leads_decides_where_a_wave_ends() -> None:
    marks = np.full((1, 12, 3, 2), np.nan)
    marks[0, :4, 1] = [[90, 150], [100, 140], [102, 141], [104, 160]]
    assert global_intervals(marks, fs=500.0)["qrs"] == 2 * (150 - 100)
    assert np.isnan(global_intervals(marks, fs=500.0)["pr"])
    assert global_intervals(marks[:0], fs=500.0) == {}


def test_a_record_without_annotation_is_read_and_has_no_labels(tmp_path: Path) -> None:
    folder = copy_of(("1", "9"), tmp_path)
    for lead in LEADS:
        (folder / "data" / f"9.{lead.lower()}").unlink()
    (folder / "data" / "1.v3").unlink()
    first, second = open_records("ludb", folder)
    assert first.labels["qrs"] == pytest.approx(107, abs=4)
    assert second.labels == {}


def test_a_record_that_cannot_be_read_is_named_with_its_reason(tmp_path: Path) -> None:
    folder = copy_of(("1", "9", "27"), tmp_path)
    (folder / "data" / "9.dat").unlink()
    header = folder / "data" / "27.hea"
    header.write_text(header.read_text().replace(" v3", " x"))
    records = open_records("ludb", folder)
    assert [record.id for record in records] == ["1"]
    reasons = dict(records.excluded)
    assert "9.dat" in reasons["9"]
    assert "V3" in reasons["27"]
    assert not any("\n" in reason for reason in reasons.values())


def test_damaged_files_are_named_and_cost_no_other_record(tmp_path: Path) -> None:
    folder = copy_of(("1", "9", "27", "38", "52"), tmp_path)
    header = folder / "data" / "27.hea"
    (folder / "data" / "9.hea").write_text("")
    header.write_text("".join(header.read_text().splitlines(keepends=True)[:5]))
    (folder / "data" / "38.hea").write_bytes(bytes(range(256)))
    (folder / "data" / "52.v3").write_bytes(bytes(range(256)))
    records = open_records("ludb", folder)
    assert [record.id for record in records] == ["1"]
    reasons = dict(records.excluded)
    assert set(reasons) == {"9", "27", "38", "52"}
    assert reasons["9"] == "expected a sampling rate in 9.hea, got none"
    assert "27.hea the 4 signals described there" in reasons["27"]
    assert "38.hea" in reasons["38"]
    assert "52.v3, got a damaged one" in reasons["52"]
    assert not any("\n" in reason for reason in reasons.values())


def test_the_origin_follows_the_files_and_not_their_place(tmp_path: Path) -> None:
    reader = open_records("ludb", copy_of(("1", "9"), tmp_path)).reader
    whole = open_records("ludb", LUDB).reader
    assert whole.origin(0, 2) == reader.origin(0, 2)
    assert reader.origin(0, 1) != reader.origin(1, 2)
    (tmp_path / "data" / "9.v1").unlink()
    assert whole.origin(0, 2) != reader.origin(0, 2)
