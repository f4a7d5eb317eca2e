"""What is wrong with a record is found where the truth is known, and not where all is well."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens.datamodules import open_records
from ecglens.ecg import (
    INDEPENDENT,
    LEADS,
    Record,
    Recording,
    Shortcut,
    disturbance,
    draw_exact,
    exact_record,
    measure,
    median_beat,
    plant,
    quality,
    recorded,
)
from ecglens.ecg.filters import resampled

from .conftest import LUDB


def strip(index: int, noise_uv: float = 5.0, kind: str = "sinus") -> Record:
    parameters = draw_exact(21, index, kind, "varied")
    return replace(exact_record(parameters, noise_uv, rr_scatter=0.03), beat=None)


def arms_exchanged(record: Record) -> Record:
    """I turned over, II and III as well as aVR and aVL in each other's place (Einthoven)."""
    signal = record.signal[[0, 2, 1, 4, 3, 5, *range(6, 12)]].copy()
    signal[0] *= -1
    return replace(record, signal=signal)


def test_of_a_clean_record_nothing_is_said():
    for index in range(30):
        assert quality(strip(index)).flags == ()


@pytest.mark.parametrize("noise_uv", [2.0, 10.0, 30.0, 60.0])
def test_noise_is_measured_beside_the_heart_and_flagged_above_40_uv(noise_uv):
    for index in range(10):
        found = quality(strip(index, noise_uv))
        np.testing.assert_allclose(found.noise_uv, noise_uv, rtol=0.1, atol=0.5)
        flagged = any(flag.startswith("noise in I (") for flag in found.flags)
        assert flagged == (noise_uv > 40)


@pytest.mark.parametrize("fs", [100.0, 250.0, 360.0])
def test_noise_is_measured_at_the_rate_at_which_it_was_recorded(fs):
    clean = resampled(strip(3, 0.0).signal, 500.0, fs)
    for noise_uv, flagged in ((10.0, False), (30.0, False), (60.0, True)):
        noise = noise_uv * np.random.default_rng(1).standard_normal(clean.shape)
        found = quality(Record(clean + noise, fs))
        np.testing.assert_allclose(found.noise_uv, noise_uv, rtol=0.1, atol=5.0)
        assert any(flag.startswith("noise in I (") for flag in found.flags) == flagged


def test_noise_in_one_lead_names_that_lead_alone():
    record = strip(0)
    signal = record.signal.copy()
    signal[LEADS.index("V2")] += 80 * np.random.default_rng(0).standard_normal(5000)
    assert quality(replace(record, signal=signal)).flags == ("noise in V2 (80 µV)",)


@pytest.mark.parametrize("hz", [50.0, 60.0])
def test_mains_is_found_with_its_frequency_and_size(hz):
    seen = 0
    for index in range(30):
        recording = Recording(mains_uv=60.0, mains_hz=hz)
        drawn = disturbance(recording, 21, index).mains_uv
        found = quality(recorded(strip(index), recording, 21, index))
        if drawn > 12:
            assert found.mains_hz == hz
            assert found.mains_uv.max() == pytest.approx(drawn, abs=3.0)
            seen += 1
        elif drawn < 8:
            assert found.mains_hz == 0
    assert seen > 10


def test_mains_that_is_a_little_off_its_frequency_is_found():
    record, time = strip(1), np.arange(5000) / 500
    hum = (25 * np.sin(2 * np.pi * 49.9 * time)).astype(np.float32)
    found = quality(replace(record, signal=record.signal + hum))
    assert found.mains_hz == 50
    np.testing.assert_allclose(found.mains_uv, 25.0, atol=3.0)


def test_a_lead_that_is_off_is_missing_and_no_other():
    for index in range(20):
        recording = Recording(dropped=1.0)
        found = quality(recorded(strip(index), recording, 21, index))
        assert found.faults == {disturbance(recording, 21, index).dropped: "missing"}


def test_a_flat_lead_is_not_missing():
    record = strip(0)
    signal = record.signal.copy()
    signal[6] = 0.01 * signal[6]
    assert quality(replace(record, signal=signal)).flags == ("lead V1 is flat",)


def test_exchanged_arms_are_found_and_never_where_they_are_right():
    kinds = ("sinus", "af", "lbbb", "rbbb", "lvh", "ami_st", "ami_q", "imi_st")
    found = 0
    for index in range(80):
        record = strip(index, kind=kinds[index % len(kinds)])
        assert not quality(record).swapped
        found += quality(arms_exchanged(record)).swapped
    # An upright heart is hardly seen in I: there the exchange cannot be seen either.
    assert found >= 64


def test_exchanged_arms_are_found_in_real_records(ludb):
    found = [
        (quality(marked.record).swapped, quality(arms_exchanged(marked.record)).swapped)
        for marked in ludb.values()
    ]
    right, exchanged = np.sum(found, axis=0)
    assert right == 0
    assert exchanged >= 30  # of 32


@pytest.mark.parametrize(
    ("fault", "inconsistent"),
    [
        (lambda x: x, ()),
        (lambda x: np.round(x / 5) * 5, ()),  # steps of 5 µV
        (lambda x: x[[0, 1, 2, 4, 3, *range(5, 12)]], ("aVR", "aVL")),
        (lambda x: x * np.where(np.arange(12) == 3, -1, 1)[:, None], ("aVR",)),  # Cabrera's −aVR
        (lambda x: x * np.where(np.arange(12) == 5, 1.5, 1)[:, None], ("aVF",)),
        (lambda x: x * np.where(np.arange(12) == 2, 0, 1)[:, None], ("III",)),
        (lambda x: x * np.where(np.arange(12) == 0, 0, 1)[:, None], ()),  # I is missing
    ],
)
def test_a_limb_lead_that_contradicts_i_and_ii_is_named(fault, inconsistent):
    for index in range(5):
        record = strip(index)
        found = quality(replace(record, signal=fault(record.signal)))
        assert found.inconsistent == inconsistent
        assert {f"lead {lead} is inconsistent with I and II" for lead in inconsistent} <= {
            *found.flags
        }


def test_real_strips_are_consistent_and_those_of_ludb_have_a_gain_for_each_lead(ludb):
    sound = [
        record for name in ("cinc", "ptbxl") for record in open_records(name, LUDB.parent / name)
    ]
    assert len(sound) >= 4
    assert [record.id for record in sound if quality(record).inconsistent] == []
    assert all(quality(marked.record).inconsistent for marked in ludb.values())


@pytest.mark.parametrize(("factor", "wrong"), [(0.1, True), (1.0, False), (10.0, True)])
def test_a_size_that_another_unit_would_explain_is_told(factor, wrong):
    told = []
    for record in open_records("deepfake", n=20):
        found = quality(replace(record, signal=factor * record.signal))
        told.append(any(flag.startswith("unit or gain may be wrong") for flag in found.flags))
        assert 600 < found.size_uv / factor < 3000
    assert told == [wrong] * 20


@pytest.mark.parametrize("kind", ["sinus", "af"])
def test_pacing_spikes_are_counted(kind):
    parameters = draw_exact(21, 3, kind)
    record = exact_record(parameters, 5.0)
    assert quality(record).spikes == 0
    shortcut = Shortcut("spike")
    paced = quality(plant(record, shortcut, parameters))
    place = shortcut.place(parameters.marks, 5000, record.r_peaks)[0].astype(int)
    # Near an end a spike has no neighbourhood to stand out of.
    assert paced.spikes == np.sum(np.diff(place)[15:-15] == 1)
    assert f"{paced.spikes} pacing spikes" in paced.flags


def test_findings_are_flags_of_the_measurement():
    record = recorded(strip(2), Recording(mains_uv=100.0, dropped=1.0), 21, 2)
    flags = quality(record).flags
    assert len(flags) == 2
    assert set(flags) <= set(measure(median_beat(record)).flags)


def test_another_rate_has_the_same_findings():
    record = recorded(strip(4), Recording(mains_uv=60.0), 21, 4)
    thinned = Record(np.repeat(record.signal, 2, axis=1), fs=1000.0)
    assert quality(thinned).mains_hz == quality(record).mains_hz
    assert len(quality(record).noise_uv) == len(INDEPENDENT)
