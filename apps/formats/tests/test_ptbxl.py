"""PTB-XL: both rates, statements and what 0 means, folds, PTB-XL+, and rows that are missing."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import wfdb
from ecglens.datamodules import open_records
from ecglens.ecg import Record, median_beat
from ecglens_formats.ptbxl import STATEMENTS, statements

from tests.datamodules.wfdb_records import edit, write_record

PTBXL = Path(__file__).parents[3] / "tests" / "data" / "ptbxl"


def copy_of(folder: Path) -> Path:
    return shutil.copytree(PTBXL, folder / "ptbxl")


def records_of(folder: Path, **settings: object) -> dict[str, Record]:
    return {record.id: record for record in open_records("ptbxl", folder, **settings)}


def with_features(folder: Path) -> Path:
    """A copy with a table as PTB-XL+ has it: unsorted, its key amid the columns."""
    found = copy_of(folder)
    (found / "ptb-xl-plus" / "features").mkdir(parents=True)
    (found / "ptb-xl-plus" / "features" / "12sl_features.csv").write_text(
        "PR_Int_Global,R_Amp_V5,T_Amp_V5,ecg_id,QRS_Dur_Global,QT_Int_Global,RR_Mean_Global,X\n"
        ",1.5,-0.25,17,88.0,380.0,600.0,1\n"
        "162.0,0.875,0.125,8,92.0,404.0,1000.0,2\n"
    )
    return found


def beat_of(record: Record) -> np.ndarray:
    """The second beat of a strip, with its R peak at sample 250, in whole µV."""
    start = median_beat(record).r_peaks[1] - 250
    return np.round(record.signal[:, start : start + 600])


def with_median_beat(folder: Path, microvolts: np.ndarray) -> Path:
    """A copy with 12SL's beat of record 8 as published: a stale name, and mV said of µV."""
    found = with_features(folder)
    place = found / "ptb-xl-plus" / "median_beats" / "12sl" / "00000"
    header = write_record(place, "00008_medians", microvolts.T, gain=1.0)
    edit(header, "00008_medians 12", "ge_median_beats_wfdb/00008_medians 12")
    return found


@pytest.mark.parametrize(("fs_hz", "ending", "samples"), [(500, "hr", 5000), (100, "lr", 1000)])
def test_signals_at_both_rates_equal_wfdb_s_to_a_microvolt(
    fs_hz: int, ending: str, samples: int
) -> None:
    records = records_of(PTBXL, fs_hz=fs_hz)
    assert list(records) == ["8", "17"]
    for name, record in records.items():
        place = f"records{fs_hz}/00000/{int(name):05d}_{ending}"
        found = wfdb.rdrecord(str(PTBXL / place))
        assert isinstance(found, wfdb.Record)
        assert found.p_signal is not None
        assert record.signal.shape == (12, samples)
        assert record.fs == fs_hz
        assert np.abs(record.signal - 1000 * found.p_signal.T).max() < 1


def test_patient_age_sex_fold_and_site_are_the_table_s() -> None:
    found = records_of(PTBXL)
    assert [record.patient for record in found.values()] == ["11275", "13619"]
    assert [found["8"].labels[name] for name in ("age", "sex", "fold", "site")] == [48, 0, 9, 0]


def test_age_300_stands_for_over_89_and_is_missing(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    edit(folder / "ptbxl_database.csv", "11275.0,48.0,0", "11275.0,300.0,1")
    labels = records_of(folder)["8"].labels
    assert np.isnan(labels["age"])
    assert labels["sex"] == 1


def test_a_statement_without_likelihood_is_stated_with_an_unknown_one() -> None:
    """Record 8 has IMI with 35 %, SR and ABQRS with 0, which means unknown, and no NORM."""
    labels = records_of(PTBXL)["8"].labels
    assert [labels[f"stated_{code}"] for code in ("IMI", "SR", "NORM")] == [1, 1, 0]
    assert [labels[f"scp_{code}"] for code in ("IMI", "NORM")] == [35, 0]
    assert np.isnan(labels["scp_SR"])
    assert sum(labels[f"stated_{code}"] for code in STATEMENTS) == 3
    assert len({*STATEMENTS}) == 71


@pytest.mark.parametrize(
    "field", ["", "NORM", "['NORM']", "{'NORM': 'much'}", "{'SR': 101}", "9**9"]
)
def test_a_damaged_field_of_statements_excludes_its_record_alone(
    tmp_path: Path, field: str
) -> None:
    folder = copy_of(tmp_path)
    edit(folder / "ptbxl_database.csv", "{'IMI': 35.0, 'ABQRS': 0.0, 'SR': 0.0}", field)
    records = open_records("ptbxl", folder)
    assert [record.id for record in records] == ["17"]
    assert records.excluded[0].name == "8"
    assert "expected a likelihood" in records.excluded[0].reason or (
        "expected statements in scp_codes" in records.excluded[0].reason
    )
    assert records.reader.origin(0, 2)


def test_an_unknown_code_is_kept() -> None:
    assert statements("{'NEW': 80.0}")["scp_NEW"] == 80


def test_signals_are_read_without_the_table(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    (folder / "ptbxl_database.csv").unlink()
    records = records_of(folder)
    assert list(records) == ["8", "17"]
    assert records["8"].labels == {}
    assert records["8"].patient == ""


def test_a_record_of_the_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    (folder / "records500" / "00000" / "00017_hr.dat").unlink()
    (folder / "records500" / "00000" / "00008_hr.hea").unlink()
    records = open_records("ptbxl", folder)
    assert not list(records)
    assert [name for name, _ in records.excluded] == ["8", "17"]
    assert "00008_hr.hea" in records.excluded[0].reason
    assert "00017_hr.dat" in records.excluded[1].reason


def test_12sl_s_measurements_stand_before_ours_in_our_units(tmp_path: Path) -> None:
    records = records_of(with_features(tmp_path))
    names = ("pr", "qrs", "qt", "rate", "r", "t")
    assert [records["8"].labels[name] for name in names] == [162, 92, 404, 60, 875, 125]
    assert np.isnan(records["17"].labels["pr"])
    assert [records["17"].labels[name] for name in names[1:]] == [88, 380, 100, 1500, -250]
    assert "pr" not in records_of(tmp_path / "ptbxl", plus="")["8"].labels


def test_an_ecg_that_12sl_did_not_measure_has_no_numbers_of_ours_among_its(tmp_path: Path) -> None:
    folder = with_features(tmp_path)
    table = folder / "ptb-xl-plus" / "features" / "12sl_features.csv"
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:2]))
    labels = records_of(folder)["8"].labels
    assert all(np.isnan(labels[name]) for name in ("pr", "qrs", "qt", "rate", "r", "t"))


def test_12sl_s_median_beat_is_in_microvolts_whatever_its_header_says(tmp_path: Path) -> None:
    beat = beat_of(records_of(PTBXL)["8"])
    folder = with_median_beat(tmp_path, beat)
    records = open_records("ptbxl", folder, beats="12sl")
    (record,) = records
    assert record.beat is not None
    assert np.abs(record.beat - beat).max() < 1
    assert [name for name, _ in records.excluded] == ["17"]
    header = folder / "ptb-xl-plus" / "median_beats" / "12sl" / "00000" / "00008_medians.hea"
    edit(header, "1.0(0)/mV", "1000.0(0)/mV")  # as it ought to be
    (record,) = open_records("ptbxl", folder, beats="12sl")
    assert record.beat is not None
    assert np.abs(record.beat - beat).max() < 1


def test_a_median_beat_of_another_scale_length_or_place_is_refused(tmp_path: Path) -> None:
    beat = beat_of(records_of(PTBXL)["8"])
    reasons = {}
    for name, given in {
        "scale": 0.02 * beat,
        "length": beat[:, :500],
        "place": np.roll(beat, 60, axis=1),
    }.items():
        records = open_records("ptbxl", with_median_beat(tmp_path / name, given), beats="12sl")
        assert not list(records)
        reasons[name] = records.excluded[0].reason
    assert "which is neither mV nor µV" in reasons["scale"]
    assert "expected a median beat of 600 samples" in reasons["length"]
    assert "expected the QRS complex of 00008_medians.hea at sample 250" in reasons["place"]


def test_a_column_that_12sl_s_table_lacks_is_measured_here(tmp_path: Path) -> None:
    folder = with_features(tmp_path)
    edit(folder / "ptb-xl-plus" / "features" / "12sl_features.csv", "T_Amp_V5", "T_Amp")
    labels = records_of(folder)["8"].labels
    assert "t" not in labels
    assert labels["r"] == 875


def test_median_beats_that_are_not_there_are_refused_at_the_door() -> None:
    with pytest.raises(ValueError, match=r"data\.plus"):
        open_records("ptbxl", PTBXL, beats="12sl")
    with pytest.raises(ValueError, match=r"data\.fs_hz"):
        open_records("ptbxl", PTBXL, fs_hz=250)


def test_the_origin_follows_the_rows_of_its_ecgs_and_no_others(tmp_path: Path) -> None:
    folder = with_features(tmp_path)
    before = [open_records("ptbxl", folder).reader.origin(n, n + 1) for n in (0, 1)]
    edit(folder / "ptbxl_database.csv", "'IMI': 35.0", "'IMI': 50.0")
    after = [open_records("ptbxl", folder).reader.origin(n, n + 1) for n in (0, 1)]
    assert before[0] != after[0]
    assert before[1] == after[1]
    edit(folder / "ptb-xl-plus" / "features" / "12sl_features.csv", "88.0", "89.0")
    last = [open_records("ptbxl", folder).reader.origin(n, n + 1) for n in (0, 1)]
    assert last[0] == after[0]
    assert last[1] != after[1]


def test_a_report_in_another_row_or_order_changes_no_origin(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    before = open_records("ptbxl", folder).reader.origin(0, 2)
    table = folder / "ptbxl_database.csv"
    found = pd.read_csv(table, dtype=str).assign(report="another")
    found.to_csv(table, index=False)
    assert open_records("ptbxl", folder).reader.origin(0, 2) == before


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("00017_hr", "00008_hr", "expected one row per filename_hr"),
        ("filename_hr", "filename", "expected a column filename_hr"),
        ("17,13619", "17,1,2,13619", "expected 28 fields in line 3 of ptbxl_database.csv, got 30"),
    ],
)
def test_a_damaged_table_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    folder = copy_of(tmp_path)
    edit(folder / "ptbxl_database.csv", old, new)
    with pytest.raises(ValueError, match=words):
        list(open_records("ptbxl", folder))
