"""A lead that is missing: left out by default, or kept as zeros, by one rule for all readers."""

import json
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from ecglens.datamodules import Prepared, open_records, ordered, prepare
from ecglens.datamodules.formats.conventions import kept
from ecglens.ecg import (
    INDEPENDENT,
    LEADS,
    Record,
    Recording,
    disturbance,
    draw_exact,
    exact_record,
    measure,
    median_beat,
)
from ecglens.store import Store
from ecglens_prepare import flow_of

from .broken import SOURCES, Source
from .sources import measured_records
from .wfdb_records import write_record

TWELVE = np.arange(12.0)[:, None] + np.sin(np.arange(50.0))
RECORD = exact_record(draw_exact(seed=5, index=0), noise_uv=5.0)
FROM_I_AND_II = {"III", "aVR", "aVL", "aVF"}


def without(signal: np.ndarray, *leads: str) -> np.ndarray:
    off = signal.copy()
    off[[LEADS.index(lead) for lead in leads]] = 0.0
    return off


def zeros(signal: np.ndarray) -> set[str]:
    return {lead for lead, row in zip(LEADS, signal, strict=True) if not row.any()}


@pytest.mark.parametrize("lead", ["V3", "II", "aVL"])
def test_by_name_a_missing_lead_is_zero_with_what_follows_from_it(lead: str) -> None:
    names = [name for name in reversed(LEADS) if name != lead]
    found = ordered(TWELVE[[LEADS.index(name) for name in names]], names)
    lost = {"V3": {"V3"}, "II": {"II"} | FROM_I_AND_II, "aVL": set[str]()}[lead]
    assert zeros(found) == lost
    recorded = [LEADS.index(name) for name in INDEPENDENT if name not in lost]
    np.testing.assert_array_equal(found[recorded], TWELVE[recorded])
    if lead == "aVL":
        np.testing.assert_allclose(found[4], TWELVE[0] - TWELVE[1] / 2)


def test_with_fewer_than_five_leads_the_names_are_said() -> None:
    assert len(zeros(ordered(TWELVE[:9], LEADS[:9]))) == 3
    with pytest.raises(ValueError, match=r"got I, .* V2; missing: V3, V4, V5, V6"):
        ordered(TWELVE[:8], LEADS[:8])


def test_a_lead_is_missing_where_it_has_one_value_throughout() -> None:
    off = RECORD.signal.copy()
    off[LEADS.index("V2")] = 700.0
    found = kept(replace(RECORD, signal=off), "zero")
    assert zeros(found.signal) == {"V2"}
    assert found.beat is not None
    assert zeros(found.beat) == {"V2"}
    assert found.labels == RECORD.labels
    with pytest.raises(ValueError, match=r"missing: V2; data\.missing_lead=zero keeps such ECGs"):
        kept(replace(RECORD, signal=off), "exclude")
    assert kept(RECORD, "exclude") is RECORD


def test_labels_read_in_a_missing_lead_are_no_labels() -> None:
    found = kept(replace(RECORD, signal=without(RECORD.signal, "V5")), "zero")
    assert RECORD.labels.keys() - found.labels.keys() == {"r", "j", "t"}


@pytest.mark.parametrize("setting", ["exclude", "zero"])
def test_fewer_than_five_leads_are_refused_with_either_setting(
    setting: str, tmp_path: Path
) -> None:
    np.save(tmp_path / "4.npy", without(RECORD.signal, "V1", "V2", "V3", "V4"))
    np.save(tmp_path / "5.npy", without(RECORD.signal, "V1", "V2", "V3"))
    records = columns(tmp_path, setting)
    assert [record.id for record in records] == (["5"] if setting == "zero" else [])
    reason = dict(records.excluded)["4"]
    assert reason.endswith("missing: V1, V2, V3, V4")


def columns(folder: Path, setting: str):
    leads = {"leads": list(LEADS), "leads_in": "rows", "pattern": "*.npy"}
    return open_records("columns", folder, fs_hz=500, unit="uV", missing_lead=setting, **leads)


def test_not_in_the_file_and_off_in_the_file_are_the_same(tmp_path: Path) -> None:
    off = without(RECORD.signal, "V3")
    for name, leads in (("all", LEADS), ("eleven", [lead for lead in LEADS if lead != "V3"])):
        rows = [LEADS.index(lead) for lead in leads]
        write_record(tmp_path / "wfdb", name, off[rows].T / 1000, leads=leads)
        (tmp_path / "csv").mkdir(exist_ok=True)
        table = (",".join(leads), *(",".join(map(str, row)) for row in off[rows].T))
        (tmp_path / "csv" / f"{name}.csv").write_text("\n".join(table))
    for source, settings in (("wfdb", {}), ("columns", {"fs_hz": 500, "unit": "uV"})):
        folder = tmp_path / ("csv" if source == "columns" else source)
        records = open_records(source, folder, missing_lead="zero", **settings)
        first, second = records
        assert zeros(first.signal) == zeros(second.signal) == {"V3"}
        np.testing.assert_array_equal(first.signal, second.signal)
        strict = open_records(source, folder, **settings)
        assert list(strict) == []
        assert all("missing: V3;" in reason for _, reason in strict.excluded)


def test_the_value_of_a_missing_lead_does_not_matter() -> None:
    """Neither to the beat nor to what is measured: the lead is not used."""
    bare = replace(RECORD, beat=None, marks=None, labels={}, r_peaks=None)
    for lead in INDEPENDENT:
        beats = []
        for value in (0.0, 3000.0):
            signal = bare.signal.copy()
            signal[LEADS.index(lead)] = value
            beats.append(median_beat(replace(bare, signal=signal)))
        np.testing.assert_allclose(beats[0].signal, beats[1].signal, atol=1e-2)
        assert zeros(beats[1].signal) == {lead} | (FROM_I_AND_II if lead in ("I", "II") else set())
        first, second = (measure(beat) for beat in beats)
        np.testing.assert_allclose(
            list(first.values().values()), list(second.values().values()), atol=1e-2
        )
        assert first.reasons == second.reasons


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Prepared, Prepared]:
    """Eight measured strips, each without another lead; and the same eight whole."""
    folder, made = tmp_path_factory.mktemp("leads"), []
    for part in ("off", "whole"):
        (folder / part).mkdir()
        for number, record in enumerate(measured_records(8)):
            lead = INDEPENDENT[number]
            signal = without(record.signal, lead) if part == "off" else record.signal
            np.save(folder / part / f"{lead}.npy", signal)
        source = columns(folder / part, "zero")
        made.append(prepare(source, Store(folder / "store"), workers=1))
    return made[0], made[1]


def test_the_flow_counts_and_names_each_missing_lead(prepared: tuple[Prepared, Prepared]) -> None:
    off, whole = (flow_of("columns", "median", each) for each in prepared)
    found = {group.reason: group.names for group in off.faults}
    assert found == {f"lead {lead} is missing": (lead,) for lead in INDEPENDENT}
    assert whole.faults == ()
    assert off.usable == whole.usable == 8


def test_without_a_lead_intervals_stay_and_amplitudes_of_v5_are_nan_with_the_reason(
    prepared: tuple[Prepared, Prepared],
) -> None:
    off, whole = (each.table.set_index("id") for each in prepared)
    for lead in INDEPENDENT:
        # One lead of eight less: as much as its share of the noise.
        difference = off.loc[lead, ["pr", "qrs", "qt"]] - whole.loc[lead, ["pr", "qrs", "qt"]]
        assert np.abs(difference.to_numpy(float)).max() <= 8.0, lead
        amplitudes = off.loc[lead, ["r", "j", "t"]].to_numpy(float)
        assert np.isnan(amplitudes).all() if lead == "V5" else np.isfinite(amplitudes).all()
    reasons = json.loads(off.at["V5", "reasons"])
    assert reasons == dict.fromkeys(("r", "j", "t"), "lead V5 is missing")


def test_a_given_beat_alone_loses_its_amplitudes_with_v5(tmp_path: Path) -> None:
    """1.2 s are no strip: nothing but the beat says that the lead is missing."""
    with h5py.File(tmp_path / "1.h5", "w") as content:
        content["median"] = without(np.asarray(RECORD.beat), "V5").T
        content["median"].attrs.update({"VentRate": 60, "R_PeakAmpl_v5": 1200})
    source = open_records("deepfake_files", tmp_path, missing_lead="zero")
    made = prepare(source, Store(tmp_path / "store"), workers=1)
    assert {why for name in ("r", "j", "t") for _, why in made.without(name)} == {
        "lead V5 is missing"
    }
    assert len(made) == len(made.without("r")) == 1
    assert flow_of("deepfake_files", "median", made).faults[0].reason == "lead V5 is missing"


def test_exact_ecgs_keep_their_dropped_leads_unless_asked_otherwise() -> None:
    settings = {"n": 40, "seed": 7, "dropped": 0.5, "noise_uv": 5.0}
    drawn = [disturbance(Recording(dropped=0.5), 7, index).dropped for index in range(40)]
    off = {f"exact-7-{index}" for index, lead in enumerate(drawn) if lead}
    assert 10 < len(off) < 30
    records: list[Record] = list(open_records("exact", **settings))
    for record, lead in zip(records, drawn, strict=True):
        lost = {lead} | (FROM_I_AND_II if lead in ("I", "II") else set())
        assert zeros(record.signal) == (lost if lead else set())
    strict = open_records("exact", missing_lead="exclude", **settings)
    kept_ids = [record.id for record in strict]
    assert kept_ids == [record.id for record in records if record.id not in off]
    assert {name for name, _ in strict.excluded} == off


@pytest.mark.parametrize("kind", SOURCES)
def test_the_setting_is_part_of_what_every_reader_s_numbers_depend_on(
    kind: str, tmp_path: Path
) -> None:
    check_setting(kind, SOURCES[kind], tmp_path)


def check_setting(kind: str, source: Source, folder: Path) -> None:
    """The setting changes the origin of an ECG; another value is refused."""
    source.make(folder, ["1"])
    name = source.reader or kind.partition(" ")[0].strip(",")
    origins = [
        open_records(name, folder, missing_lead=each, **source.settings).reader.origin(0, 1)
        for each in ("exclude", "zero")
    ]
    assert origins[0] != origins[1]
    with pytest.raises(ValueError, match=r"data\.missing_lead to be one of 'exclude', 'zero'"):
        open_records(name, folder, missing_lead="guess", **source.settings)
