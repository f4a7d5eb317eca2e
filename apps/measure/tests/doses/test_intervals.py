"""Doses of time: exact by construction on exact ECGs, and the same by a map of time."""

from dataclasses import replace

import ecglens
import numpy as np
import pytest
from ecglens.ecg import (
    R_INDEX,
    draw_exact,
    exact_beat,
    exact_record,
    measure,
    median_beat,
    with_change,
)
from ecglens_measure import Marked, Unchangeable, applied, change, in_turn, marked
from ecglens_measure.doses import doses
from ecglens_measure.doses import exact as by_parameters
from ecglens_measure.doses.time_map import Part, origins, warped
from ecglens_measure.doses.timing import PARTS, edited
from hypothesis import given, settings
from hypothesis import strategies as st

ON_EXACT = [name for name, dose in doses().items() if name in by_parameters.KNOWN]
# Doses whose map of time moves the marks of a beat, and by how much they move PR, QRS and QT.
OF_MARKS = {"pr": (1, 0, 0), "pr_scaled": (1, 0, 0), "t_shift": (0, 0, 1), "jt": (0, 0, 1)}


@pytest.mark.parametrize("name", ON_EXACT)
def test_an_exact_dose_moves_its_label_alone_by_its_size(exact: Marked, name: str):
    dose = doses()[name]
    for by in dose.sizes:
        found = applied(exact, name, by)
        assert len(found.index) + len(found.left_out) == len(exact)
        np.testing.assert_array_equal(found.measured, by)
        if dose.label:
            np.testing.assert_allclose(found.others[dose.label], by)
        assert (found.others[[*dose.holds]].abs().to_numpy() < 1e-9).all()
    assert any(len(applied(exact, name, by).index) >= len(exact) // 2 for by in dose.sizes)


@pytest.mark.parametrize("by", [-20.0, -10.0, 10.0, 20.0, 40.0])
def test_a_recording_with_another_pr_is_the_exact_ecg_with_that_pr(
    exact: Marked, recorded: Marked, by: float
):
    true, found = applied(exact, "pr", by), applied(recorded, "pr", by)
    assert len(found.index) == len(exact)
    assert np.abs(found.measured - by).max() <= 2.0  # one sample
    np.testing.assert_allclose(found.x, true.x, atol=0.5)  # µV


def test_two_doses_in_turn_are_the_exact_ecg_with_both(exact: Marked, recorded: Marked):
    true, found = (in_turn(ecgs, {"pr": 20.0, "t_shift": 20.0}) for ecgs in (exact, recorded))
    np.testing.assert_array_equal(true.measured, [[20.0, 20.0]] * len(true.index))
    assert exact.parameters is not None
    for y, row in zip(true.x, true.index, strict=True):
        both = by_parameters.with_dose(exact.parameters[row], doses()["pr"], 20.0)
        both = by_parameters.with_dose(both, doses()["t_shift"], 20.0)
        np.testing.assert_allclose(y, exact_beat(both).signal, atol=1e-2)
    shared = np.intersect1d(true.index, found.index)
    assert len(shared) >= len(exact) // 2
    assert np.abs(found.measured - 20.0).max() <= 4.0


def test_a_reason_that_a_dose_removed_does_not_refuse_the_next():
    parameters = draw_exact(5, 9)
    flat = with_change(parameters, "t", 20.0 - parameters.labels["t"])
    beat = median_beat(replace(exact_record(flat), beat=None))
    why = dict(measure(beat).reasons)
    assert "flat T wave" in why["qt"]
    one = marked(beat.signal[None], rr_ms=[beat.rr_ms])
    one = one.knowing([why | {"pr": "atrial fibrillation"}])
    low = in_turn(one, {"gain": 10.0}).ecgs.reasons[0]
    assert "flat T wave" in low["qt"]  # still lower than needed
    assert low["qt"] != why["qt"]
    found = in_turn(one, {"gain": 100.0, "jt": 10.0})
    assert found.ecgs.reasons == ({"pr": "atrial fibrillation"},), found.left_out


def test_the_dose_that_fails_in_turn_is_named(exact: Marked):
    found = in_turn(exact, {"r": 100.0, "t_shift": 3.0})
    assert not len(found.x)
    assert {*found.left_out.values()} == {"t_shift: 3 ms are no whole samples of 2 ms"}


@pytest.mark.parametrize("name", OF_MARKS)
@pytest.mark.parametrize("by", [-20.0, 20.0])
def test_the_map_moves_true_marks_as_the_parameters_do(exact: Marked, name: str, by: float):
    given = marked(exact.x, marks=exact.marks, rr_ms=[*exact.rr])
    dose, made = doses()[name], 0
    for row in range(len(given)):
        marks = given.marks[row]
        edges = np.array([marks.p_on, marks.qrs_on, marks.qrs_off, marks.t_off])
        try:
            tau = edited(given.one(row), dose, by).tau
        except Unchangeable:
            continue
        assert tau is not None
        p_on, qrs_on, qrs_off, t_off = np.interp(edges, tau, np.arange(len(tau))) - edges
        moved = np.array([qrs_on - p_on, qrs_off - qrs_on, t_off - qrs_on]) * 2.0
        np.testing.assert_allclose(moved, by * np.array(OF_MARKS[name]), atol=0.1)
        made += 1
    assert made >= len(given) // 2


@pytest.mark.parametrize("name", ["pr", "pr_scaled", "p_duration", "t_shift", "t_stretch", "jt"])
def test_qrs_keeps_its_samples_while_other_waves_move(recorded: Marked, name: str):
    found = applied(recorded, name, 20.0)
    assert len(found.index) >= len(recorded) // 2
    for y, row in zip(found.x, found.index, strict=True):
        marks = recorded.marks[row]
        qrs = slice(round(marks.qrs_on), round(marks.qrs_off) + 1)
        np.testing.assert_array_equal(y[:, qrs], recorded.x[row, :, qrs])


def test_p_keeps_its_samples_while_it_is_carried(recorded: Marked):
    found = applied(recorded, "pr", 20.0)
    for y, row in zip(found.x, found.index, strict=True):
        marks = recorded.marks[row]
        first, last = round(marks.p_on), round(min(marks.p_off, marks.qrs_on - 8))
        was = recorded.x[row, :, first : last + 1]
        np.testing.assert_array_equal(y[:, first - 10 : last - 9], was)


@pytest.mark.parametrize(
    "name", ["pr", "qrs", "t_stretch", "r", "t_inferior", "axis", "noise_mains"]
)
def test_limb_leads_follow_from_i_and_ii_after_a_change(recorded: Marked, name: str):
    found = applied(recorded, name, doses()[name].sizes[-1])
    i, ii, iii, avr, avl, avf = found.x[:, :6].swapaxes(0, 1)
    for lead, expected in (
        (iii, ii - i),
        (avr, -(i + ii) / 2),
        (avl, i - ii / 2),
        (avf, ii - i / 2),
    ):
        np.testing.assert_allclose(lead, expected, atol=0.01)


@pytest.mark.parametrize("by", [-900.0, 900.0])
@pytest.mark.parametrize("name", ["pr", "t_shift", "jt"])
def test_a_dose_beyond_the_beat_is_left_out(recorded: Marked, exact: Marked, name: str, by: float):
    for ecgs in (recorded, exact):
        left_out = applied(ecgs, name, by).left_out
        assert len(left_out) == len(ecgs)
        assert all("no room" in why or "begin before" in why for why in left_out.values())


def test_doses_that_recordings_cannot_take_are_for_exact_ecgs_alone(recorded: Marked):
    for name, by in (("t_end", 20.0), ("qrs_end", 20.0), ("q_width", 4.0)):
        assert {*applied(recorded, name, by).left_out} == {*range(len(recorded))}
    assert "beyond ±10 ms" in applied(recorded, "qrs_end", 20.0).left_out[0]


def test_the_result_of_an_ecg_is_the_same_in_any_batch(recorded: Marked):
    whole = applied(recorded, "pr", 20.0)
    alone = applied(recorded[[5]], "pr", 20.0)
    np.testing.assert_array_equal(whole.x[list(whole.index).index(5)], alone.x[0])


def test_without_p_fibrillating_paced_or_without_a_lead_each_has_its_reason(exact: Marked):
    af = draw_exact(3, 1, "af")
    block = draw_exact(3, 2, "avb3")
    lead_off, paced = exact.x[0].copy(), exact.x[1].copy()
    lead_off[7] = 0.0
    spike = round(exact.marks[1].qrs_on) - 20
    paced[:, spike : spike + 2] += 1000.0
    x = np.stack([exact_beat(af).signal, lead_off, paced])
    marks = [af.marks, exact.marks[0], exact.marks[1]]
    left_out = applied(marked(x, marks=marks, rr_ms=[800.0] * 3), "pr", 20.0).left_out
    assert left_out == {0: "no P wave", 1: "without a signal in V2", 2: "paced"}
    known = [af, block]
    named = marked(np.stack([exact_beat(each).signal for each in known]), parameters=known)
    assert applied(named, "pr", 20.0).left_out == {
        0: "atrial fibrillation",
        1: "P wave not locked to QRS",
    }


def test_noise_is_given_no_dose_that_needs_waves():
    noise = np.random.default_rng(0).normal(0, 50, (3, 12, 600)).astype(np.float32)
    ecgs = marked(noise)
    for name in ("pr", "qrs", "jt", "t"):
        left_out = applied(ecgs, name, doses()[name].sizes[-1]).left_out
        assert {*left_out} == {0, 1, 2}
        assert all(left_out.values())


def test_fibrillation_is_found_on_a_strip():
    strip = exact_record(draw_exact(3, 1, "af"), noise_uv=5.0).signal
    assert applied(marked(strip[None]), "pr", 20.0).left_out == {0: "atrial fibrillation"}


def test_an_ecg_that_cannot_be_changed_stays_and_has_a_reason(exact: Marked):
    y, left_out = change(np.concatenate([exact.x[:2], np.zeros_like(exact.x[:1])]), "pr", 20.0)
    assert left_out.keys() == {2}
    assert not y[2].any()
    assert ecglens.change is change


def test_what_no_ecg_can_be_given_is_refused_at_the_door(exact: Marked):
    with pytest.raises(ValueError, match="got 'length'"):
        doses("length")
    with pytest.raises(ValueError, match="other than zero"):
        applied(exact, "pr", 0.0)
    with pytest.raises(ValueError, match="at 500 Hz"):
        marked(exact.x, fs=250.0)
    with pytest.raises(ValueError, match="shape"):
        marked(exact.x[:, :8])
    with pytest.raises(ValueError, match="for each of 8"):
        marked(exact.x, rr_ms=[800.0])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-12, 12), min_size=2, max_size=5), st.integers(20, 60))
def test_a_map_of_time_never_turns_back_and_carries_its_parts(shifts, gap):
    parts = [
        Part(str(place), 50.0 + place * (gap + 10), 60.0 + place * (gap + 10), shift)
        for place, shift in enumerate(shifts)
    ]
    try:
        tau = origins(parts, 600)
    except Unchangeable:
        return
    assert (np.diff(tau) > 0).all()
    for part in parts:
        inside = np.arange(np.ceil(part.first + part.shift), part.last + part.shift)
        np.testing.assert_allclose(tau[inside.astype(int)], inside - part.shift, atol=1e-6)


def test_a_shift_by_whole_samples_copies_them_and_the_edges_come_from_the_next_beat():
    random = np.random.default_rng(0)
    beat = np.tile(random.normal(0, 50, (8, 300)), 2)  # of period 300
    moved = warped(beat, np.arange(600) - 7.0, 300.0)
    np.testing.assert_array_equal(moved[:, 7:], beat[:, :-7])
    np.testing.assert_allclose(moved[:, :7], beat[:, 293:300], atol=1e-9)


def test_every_dose_of_time_knows_the_parts_it_moves(recorded: Marked):
    for name, parts in PARTS.items():
        moved = parts(recorded.one(0), 2.0)
        assert any(each.shift for each in moved), name
        assert any(each.first <= R_INDEX <= each.last for each in moved), name
