"""What a recorder adds, and shortcuts planted on purpose: each at its known size and place."""

from dataclasses import replace
from math import isnan, nan, sqrt

import numpy as np
import pytest
from ecglens.ecg import (
    LEADS,
    Recording,
    Shortcut,
    disturbance,
    draw_exact,
    exact_record,
    plant,
    planted,
    recorded,
    tied,
)
from ecglens.ecg.synthetic.shortcut import SHORTCUTS
from scipy.signal import periodogram

PARAMETERS = draw_exact(4, 2)
CLEAN = exact_record(PARAMETERS)


def added(recording: Recording, index: int = 2) -> np.ndarray:
    record = exact_record(draw_exact(4, index))
    return recorded(record, recording, 4, index).signal - record.signal


@pytest.mark.parametrize("hz", [50.0, 60.0])
def test_mains_has_its_frequency_and_the_drawn_size_in_the_lead_that_has_most(hz):
    recording = Recording(mains_uv=40.0, mains_hz=hz)
    for index in range(20):
        hum, drawn = added(recording, index), disturbance(recording, 4, index)
        frequency, power = periodogram(hum[[0, 1, *range(6, 12)]], 500.0)
        assert frequency[power.sum(axis=0).argmax()] == hz
        size = np.sqrt(2.0) * hum[[0, 1, *range(6, 12)]].std(axis=1).max()
        assert size == pytest.approx(drawn.mains_uv, abs=0.1)
        assert 0 <= drawn.mains_uv <= 40


def test_wander_is_as_slow_as_breathing_and_as_large_as_drawn():
    recording = Recording(wander_uv=300.0)
    for index in range(20):
        moved, drawn = added(recording, index), disturbance(recording, 4, index)
        assert 0.15 <= drawn.wander_hz <= 0.40
        assert np.abs(moved[[0, 1, *range(6, 12)]]).max() == pytest.approx(drawn.wander_uv, rel=0.1)
        # In a fortieth of a second nothing has happened.
        assert np.abs(np.diff(moved[:, ::12], axis=1)).max() < 0.07 * drawn.wander_uv * 2


def test_sizes_are_spread_over_their_whole_range():
    recording = Recording(wander_uv=100.0, mains_uv=100.0, dropped=0.3)
    drawn = [disturbance(recording, 0, index) for index in range(2000)]
    for values in ([one.wander_uv for one in drawn], [one.mains_uv for one in drawn]):
        np.testing.assert_allclose(np.quantile(values, [0.1, 0.5, 0.9]), [10, 50, 90], atol=5)
    off = [one.dropped for one in drawn if one.dropped]
    assert abs(len(off) / 2000 - 0.3) < 4 * sqrt(0.3 * 0.7 / 2000)
    assert set(off) == {"I", "II", "V1", "V2", "V3", "V4", "V5", "V6"}


def test_a_lead_that_is_off_is_zero_in_strip_and_beat_and_takes_its_labels_with_it():
    seen = set()
    for index in range(40):
        recording, record = Recording(dropped=1.0), exact_record(draw_exact(4, index))
        off = recorded(record, recording, 4, index)
        name = disturbance(recording, 4, index).dropped
        seen.add(name)
        assert off.beat is not None
        assert not off.signal[LEADS.index(name)].any()
        assert not off.beat[LEADS.index(name)].any()
        # Of I and II the four between them are made: with one of these off they are unknown.
        lost = {LEADS.index(name)} | ({2, 3, 4, 5} if name in ("I", "II") else set())
        for before, after in ((record.signal, off.signal), (record.beat, off.beat)):
            assert before is not None
            assert {row for row in range(12) if not after[row].any()} == lost
            others = sorted(set(range(12)) - lost)
            np.testing.assert_array_equal(after[others], before[others])
        assert {key for key, value in off.labels.items() if isnan(value)} == (
            {"r", "j", "t"} if name == "V5" else set()
        )
    assert len(seen) == 8


def test_a_recorder_that_adds_nothing_changes_nothing():
    same = recorded(CLEAN, Recording(), 4, 2)
    np.testing.assert_array_equal(same.signal, CLEAN.signal)
    assert same.labels == CLEAN.labels


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"wander_uv": -1.0}, "data.wander_uv of at least 0 µV, got -1"),
        ({"mains_uv": nan}, "data.mains_uv of at least 0 µV, got nan"),
        ({"mains_hz": 250.0}, "data.mains_hz between 0 and 250 Hz, got 250"),
        ({"dropped": 1.5}, "data.dropped as a share from 0 to 1, got 1.5"),
    ],
)
def test_a_recorder_that_cannot_be_is_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        Recording(**settings)


@pytest.mark.parametrize("name", ["mains", "edge", "spike", "lead", "offset", "calibration"])
@pytest.mark.parametrize("kind", ["sinus", "af"])
def test_a_shortcut_changes_the_ecg_at_its_place_and_nowhere_else(name, kind):
    parameters, shortcut = draw_exact(4, 3, kind), Shortcut(name)
    record = replace(exact_record(parameters), labels={})
    with_it = plant(record, shortcut, parameters)
    marks, peaks = parameters.marks, record.r_peaks
    assert with_it.beat is not None
    changed = with_it.signal != record.signal
    place = shortcut.place(marks, 5000, peaks)
    assert not (changed & ~place).any()
    # III is II − I: where both leads get the same, it gets nothing.
    assert changed[[0, 1, *range(6, 12)]][place[[0, 1, *range(6, 12)]]].mean() > 0.4
    beat_place = shortcut.place(marks, 600)
    inner = np.s_[:, int(marks.qrs_on) - 100 : int(marks.t_off)]  # without the neighbours' spikes
    if name == "spike":
        assert not ((with_it.beat != record.beat)[inner] & ~beat_place[inner]).any()
        assert beat_place.any(axis=0).sum() == 2
    else:
        assert not ((with_it.beat != record.beat) & ~beat_place).any()


def test_a_spike_stands_before_every_p_and_outside_what_decides_pr():
    with_it = plant(CLEAN, Shortcut("spike"), PARAMETERS)
    spikes = np.flatnonzero((with_it.signal - CLEAN.signal)[0] == 1000.0)
    assert CLEAN.r_peaks is not None
    ahead = int(PARAMETERS.marks.p_on) - 250 - 20
    expected = CLEAN.r_peaks + ahead
    np.testing.assert_array_equal(spikes, expected[(expected >= 0) & (expected < 5000)])


def test_a_tied_pr_has_the_rank_of_the_label_and_changes_nothing_else():
    for rank, pr in ((0.0, 130.0), (0.5, 165.0), (1.0, 200.0)):
        with_it = tied(PARAMETERS, rank)
        assert with_it.labels["pr"] == pytest.approx(pr, abs=1.0)
        assert {**with_it.labels, "pr": 0.0} == {**PARAMETERS.labels, "pr": 0.0}
        place = Shortcut("tied").place(with_it.marks, 600)
        on, off = int(with_it.marks.p_on), int(with_it.marks.qrs_on)
        assert np.flatnonzero(place[0]).tolist() == list(range(on, off + 1))
    fibrillating = draw_exact(4, 2, "af")
    assert tied(fibrillating, 0.5) is fibrillating
    assert not Shortcut("tied").place(fibrillating.marks, 600).any()


@pytest.mark.parametrize("strength", [0.0, 0.4, 1.0])
def test_strength_is_the_share_in_which_it_follows_the_label(strength):
    shortcut, ranks = Shortcut("mains", strength=strength), np.linspace(0.0, 1.0, 4000)
    found = [planted(shortcut, float(rank), 1, index) for index, rank in enumerate(ranks)]
    follows = np.array([one.follows for one in found])
    agrees = np.array([one.present for one in found]) == (ranks > 0.5)
    assert abs(follows.mean() - strength) <= 4 * sqrt(strength * (1 - strength) / 4000)
    assert agrees[follows].all()
    if strength < 1:
        # A coin in the others.
        assert abs(agrees[~follows].mean() - 0.5) < 4 * 0.5 / sqrt((~follows).sum())


def test_without_a_label_a_coin_decides():
    found = [planted(Shortcut("mains"), nan, 1, index) for index in range(2000)]
    assert not any(one.follows for one in found)
    assert abs(np.mean([one.present for one in found]) - 0.5) < 4 * 0.5 / sqrt(2000)


def test_no_shortcut_lies_nowhere():
    assert not Shortcut().place(PARAMETERS.marks, 600).any()
    np.testing.assert_array_equal(plant(CLEAN, Shortcut(), PARAMETERS).signal, CLEAN.signal)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"name": "halo"}, f"data.shortcut of {', '.join(SHORTCUTS)}, got 'halo'"),
        ({"strength": 2.0}, "data.shortcut_strength as a share from 0 to 1, got 2"),
        ({"name": "tied", "label": "pr"}, "another label than PR to tie it to"),
    ],
)
def test_a_shortcut_that_cannot_be_is_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        Shortcut(**settings)
