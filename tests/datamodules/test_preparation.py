"""Preparing once, going on after an interruption, and naming what cannot be used."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Prepared, Records, open_records, prepare, prepare_shard
from ecglens.datamodules.preparation.blocks import SEPARATOR, TOO_SHORT
from ecglens.datamodules.readers.exact import Exact
from ecglens.ecg import BIT, R_INDEX, R_PEAK, Record, measure, median_beat
from ecglens.store import Shard, Store

from .sources import Flat, Measured, faulty_records

ALL_FILES = ("x.npy", "segments.npy", "r_peaks.npy", "table.csv", "excluded.json")


@dataclass(frozen=True)
class Again(Measured):
    """A reader of its own with the records of another."""


def contents(prepared: Prepared) -> list[bytes]:
    return [(block / name).read_bytes() for block in prepared.blocks for name in ALL_FILES]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Prepared]:
    folder = tmp_path_factory.mktemp("faulty")
    store, source = Store(folder / "store"), faulty_records(8, folder / "log")
    made = {kind: prepare(source, store, kind, workers=1, block=3) for kind in ("rhythm", "median")}
    # Three blocks, read once for the beats and once for the strips.
    assert sorted((folder / "log").read_text().split()) == sorted("003366")
    return made


def test_shards_prepare_every_block_once_and_the_whole_reads_them(tmp_path: Path) -> None:
    store, source = Store(tmp_path / "store"), faulty_records(8, tmp_path / "log")
    for number in (1, 2, 3, 4):
        prepare_shard(source, store, "median", Shard(number, 4), workers=1, block=3)
    begun = (tmp_path / "log").read_text().split()
    assert begun == [*"036"]  # three blocks, and a shard without one
    whole = prepare(source, store, workers=1, block=3)
    alone = prepare(
        faulty_records(8, tmp_path / "log"), Store(tmp_path / "alone"), workers=1, block=3
    )
    assert contents(whole) == contents(alone)
    assert len((tmp_path / "log").read_text().split()) == 6


def test_beats_and_labels_are_those_of_each_record(tmp_path: Path) -> None:
    records = list(open_records("deepfake", n=5))
    prepared = prepare(open_records("deepfake", n=5), Store(tmp_path), workers=1, block=2)
    assert list(prepared.table["id"]) == [record.id for record in records]
    for row, record in enumerate(records):
        beat = median_beat(record)
        measured = measure(beat)
        assert np.array_equal(prepared.x(np.array([row]))[0], beat.signal)
        for name, value in measured.values().items():
            np.testing.assert_equal(prepared.label(name)[row], value)
        for name, sd in measured.sd.items():
            assert prepared.label(f"{name}_sd")[row] == pytest.approx(sd, nan_ok=True)
        np.testing.assert_equal(prepared.label("qrs_on")[row], measured.segments.qrs_on)
    mask = prepared.segments(np.arange(5))
    assert (mask[:, R_INDEX] & R_PEAK).all()
    assert ((mask & BIT["QRS"]) > 0).sum(1) == pytest.approx(prepared.label("qrs") / 2 + 1, abs=1)


def test_labels_and_marks_that_came_with_a_record_stand_before_measurements(tmp_path: Path) -> None:
    prepared = prepare(open_records("exact", n=4), Store(tmp_path), workers=1)
    for row, record in enumerate(open_records("exact", n=4)):
        assert {name: prepared.label(name)[row] for name in record.labels} == record.labels
        assert record.marks is not None
        assert prepared.label("p_on")[row] == record.marks.p_on
        assert list(prepared.table["given"])[row].split(SEPARATOR) == list(record.labels)
        assert np.isnan(prepared.label("pr_sd")[row])
        assert prepared.label("qt_tangent_sd")[row] > 0.0  # measured: no label of exact ECGs


@dataclass(frozen=True)
class Device(Exact):
    """Exact ECGs whose marks have no onset of T, as those of electrocardiographs."""

    def read(self, start: int, stop: int) -> Iterator[Record]:
        for record in super().read(start, stop):
            assert isinstance(record, Record)
            assert record.marks is not None
            yield replace(record, marks=replace(record.marks, t_on=np.nan))


def test_a_t_onset_that_a_device_does_not_give_is_measured(tmp_path: Path) -> None:
    prepared = prepare(Records("device", Device(3)), Store(tmp_path), workers=1)
    for row, record in enumerate(Device(3).read(0, 3)):
        assert prepared.label("t_on")[row] == measure(median_beat(record)).segments.t_on
        assert record.marks is not None
        assert prepared.label("t_off")[row] == record.marks.t_off
        assert (prepared.segments(np.array([row])) & BIT["T"]).any()


def test_rows_come_from_their_blocks_in_any_order(faulty: dict[str, Prepared]) -> None:
    prepared = faulty["median"]
    whole = np.concatenate([np.load(block / "x.npy") for block in prepared.blocks])
    rows = np.array([5, 0, 3, 3, 1])
    assert len(prepared) == len(whole) == 6
    assert np.array_equal(prepared.x(rows), whole[rows])


def test_what_cannot_be_used_is_named_with_its_reason(faulty: dict[str, Prepared]) -> None:
    reasons = dict(faulty["median"].excluded)
    assert set(reasons) == {"exact-0-1", "exact-0-2"}
    assert reasons["exact-0-1"] == "unreadable"
    assert "all zero" in reasons["exact-0-2"]
    strips = dict(faulty["rhythm"].excluded)
    assert strips.items() > reasons.items()
    assert strips["exact-0-4"] == TOO_SHORT.format(9.98)
    assert "exact-0-4" not in set(faulty["rhythm"].table["id"])


def test_a_label_that_is_missing_has_its_reason(faulty: dict[str, Prepared]) -> None:
    prepared = faulty["median"]
    assert np.isnan(prepared.label("pr")[1])
    ((name, reason),) = prepared.without("pr")
    assert name == "exact-0-3"
    assert reason == "not in the labels that came with the record"
    assert prepared.without("qrs") == []
    assert prepared.label("st")[1] == 12.5  # any label becomes a column
    assert len(prepared.without("st")) == 5


def test_findings_and_labels_in_the_table_can_be_told_apart(faulty: dict[str, Prepared]) -> None:
    row = faulty["median"].table.set_index("id").loc["exact-0-5"]
    assert row["flags"].split(SEPARATOR) == ["lead V1 is missing", "lead V5 is missing"]
    assert row["given"].split(SEPARATOR) == ["my own label", "st"]
    assert row["my own label"] == 1.0
    assert json.loads(row["reasons"])["r"] == "lead V5 is missing"


def test_a_measurement_of_another_name_is_refused_with_those_that_exist(
    faulty: dict[str, Prepared],
) -> None:
    with pytest.raises(ValueError, match=r"pr, qrs, qt, .*got 'pq'"):
        faulty["median"].label("pq")
    with pytest.raises(ValueError, match="got 'patient'"):
        faulty["median"].label("patient")


def test_strips_are_as_recorded_with_the_beat_s_labels_and_r_peaks(tmp_path: Path) -> None:
    records = list(open_records("deepfake", n=3))
    store = Store(tmp_path)
    strips = prepare(open_records("deepfake", n=3), store, "rhythm", workers=1)
    beats = prepare(open_records("deepfake", n=3), store, "median", workers=1)
    pd.testing.assert_frame_equal(strips.table, beats.table)
    for row, record in enumerate(records):
        assert np.array_equal(strips.x(np.array([row]))[0], record.signal)
        mask = strips.segments(np.array([row]))[0]
        peaks = np.flatnonzero(mask & R_PEAK)
        assert np.array_equal(peaks, median_beat(record).r_peaks)
        # Each marked peak is where the leads together deflect most within 50 ms.
        moved = np.abs(record.signal - np.median(record.signal, axis=1, keepdims=True)).sum(0)
        inside = peaks[(peaks > 25) & (peaks < 4975)]
        highest = [peak - 25 + moved[peak - 25 : peak + 26].argmax() for peak in inside]
        assert np.median(np.abs(inside - highest)) <= 4
        assert (mask[inside] & BIT["QRS"]).all()


def test_exact_strips_are_marked_at_their_true_r_peaks(tmp_path: Path) -> None:
    prepared = prepare(open_records("exact", n=100), Store(tmp_path), "rhythm", workers=1)
    for row, record in enumerate(open_records("exact", n=100)):
        assert record.r_peaks is not None
        inside = (record.r_peaks >= 0) & (record.r_peaks < 5000)
        mask = prepared.segments(np.array([row]))[0]
        assert np.array_equal(np.flatnonzero(mask & R_PEAK), record.r_peaks[inside])
        # Each sample of a beat at rest has no wave's bit, also at the ends of the strip.
        waves = (mask & (BIT["P"] | BIT["QRS"] | BIT["T"])) > 0
        assert not record.signal[:, ~waves & ((mask & BIT["ST"]) == 0)].any()


def test_an_interrupted_preparation_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    log = tmp_path / "log"
    (tmp_path / "broken").write_text("6")
    with pytest.raises(RuntimeError, match="interrupted"):
        prepare(faulty_records(12, log), Store(tmp_path / "store"), workers=1, block=3)
    assert log.read_text().split() == ["0", "3", "6"]
    (tmp_path / "broken").unlink()
    log.unlink()
    resumed = prepare(faulty_records(12, log), Store(tmp_path / "store"), workers=1, block=3)
    assert log.read_text().split() == ["6", "9"]
    straight = prepare(faulty_records(12, log), Store(tmp_path / "other"), workers=1, block=3)
    assert contents(resumed) == contents(straight)


def test_more_ecgs_reuse_the_blocks_that_are_there(tmp_path: Path) -> None:
    log, store = tmp_path / "log", Store(tmp_path / "store")
    few = prepare(faulty_records(7, log), store, workers=1, block=3)
    log.unlink()
    many = prepare(faulty_records(10, log), store, workers=1, block=3)
    assert log.read_text().split() == ["6", "9"]  # block 6 was cut short by the smaller number
    assert many.blocks[:2] == few.blocks[:2]
    assert np.array_equal(many.x(np.arange(len(few))), few.x(np.arange(len(few))))


@pytest.mark.heavy
def test_one_worker_and_two_make_the_same_arrays(tmp_path: Path) -> None:
    made = [
        prepare(
            open_records("deepfake", n=40), Store(tmp_path / str(count)), workers=count, block=32
        )
        for count in (1, 2)
    ]
    assert contents(made[0]) == contents(made[1])


def test_a_source_without_a_usable_ecg_says_why(tmp_path: Path) -> None:
    source = Records("flat", Flat(3))
    with pytest.raises(ValueError, match="usable ECGs, got none of 3: 3 × all zero"):
        prepare(source, Store(tmp_path), workers=1).table  # noqa: B018


def test_an_input_of_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="an input of median, rhythm, got 'strip'"):
        prepare(open_records("exact", n=2), Store(tmp_path), "strip")


def test_the_size_of_large_data_is_shown_before_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "ecglens.datamodules.preparation.prepare.SHOW_ABOVE_BYTES", 3 * 12 * 600 * 4 - 1
    )
    prepare(open_records("exact", n=3), Store(tmp_path), workers=1)
    assert "3 ECGs as input=median: 0.0 GB on disk" in capsys.readouterr().err
    prepare(open_records("exact", n=3), Store(tmp_path), workers=1)
    assert capsys.readouterr().err == ""  # nothing is made a second time


def test_two_ecgs_of_one_id_are_refused(tmp_path: Path) -> None:
    one = prepare(open_records("exact", n=2), Store(tmp_path), workers=1).blocks[0]
    with pytest.raises(ValueError, match="a different id for each ECG, got 'exact-0-0' twice"):
        Prepared((one, one)).table  # noqa: B018


def test_two_readers_never_share_a_block(tmp_path: Path) -> None:
    for reader in (Measured(2), Again(2)):  # the same name, settings, version and origin
        prepare(Records("measured", reader), Store(tmp_path), workers=1)
    keys = [json.loads(file.read_text()) for file in tmp_path.glob("beats/*/settings.json")]
    readers = [key["settings"].pop("reader") for key in keys]
    sources = {key["settings"].pop("source") for key in keys}
    assert keys[0] == keys[1]
    assert {*readers} == {f"{kind.__module__}.{kind.__name__}" for kind in (Measured, Again)}
    assert len(sources) == 2  # they are written in two files
