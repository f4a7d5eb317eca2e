"""Doses of height and of the axis."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens.ecg import (
    INDEPENDENT,
    LEADS,
    V5,
    ExactParameters,
    draw_exact,
    exact_beat,
    exact_record,
)
from ecglens.ecg.measurement import T_FROM_J
from ecglens_measure import Marked, applied, marked
from ecglens_measure.doses.exact import T_FROM

CHEST = slice(6, 12)


@pytest.mark.parametrize(("name", "by"), [("r", 200.0), ("r", -200.0), ("j", 50.0), ("t", 100.0)])
def test_an_amplitude_in_v5_grows_by_the_dose(recorded: Marked, name: str, by: float):
    found = applied(recorded, name, by)
    assert len(found.index) >= len(recorded) - 1
    np.testing.assert_allclose(found.measured, by, atol=1.0)


@pytest.mark.parametrize("by", [-20.0, 40.0])
def test_p_of_exact_ecgs_grows_by_the_dose_in_lead_ii(exact: Marked, by: float):
    found, ii = applied(exact, "p", by), LEADS.index("II")
    assert len(found.index) == len(exact)
    for y, row in zip(found.x[:, ii], found.index, strict=True):
        p = slice(int(exact.marks[row].p_on), int(exact.marks[row].p_off))
        assert y[p].max() - exact.x[row, ii, p].max() == pytest.approx(by, abs=0.01)


@pytest.mark.parametrize(("kind", "name", "by"), [("lbbb", "r", -400.0), ("lvh", "t", 200.0)])
def test_a_wave_that_another_one_then_tops_in_v5_is_not_lowered(kind: str, name: str, by: float):
    """The late R of left bundle branch block, and the ST of hypertrophy behind its negative T."""
    assert T_FROM == T_FROM_J
    parameters = [draw_exact(8, index, kind) for index in range(60)]
    x = np.stack([exact_beat(each).signal for each in parameters])
    found = applied(marked(x, parameters=parameters), name, by)
    assert f"{name.upper()} missed the intended change" in found.left_out.values()
    assert len(found.index) > 30
    for y, row in zip(found.x[:, V5], found.index, strict=True):
        marks = parameters[row].marks
        qrs, t = y[int(marks.qrs_on) : int(marks.qrs_off) + 1], y[int(marks.qrs_off) + 30 :]
        after = qrs.max() if name == "r" else t.min()
        assert after - parameters[row].labels[name] == pytest.approx(by, abs=0.15 * abs(by))


def test_a_wave_grows_in_proportion_and_nothing_else_changes(recorded: Marked):
    found = applied(recorded, "t", 100.0)
    for y, row in zip(found.x, found.index, strict=True):
        marks, x = recorded.marks[row], recorded.x[row]
        added = y - x
        t = slice(round(marks.t_on), round(marks.t_off) + 1)
        # Up to the end of QRS, and far from T, every sample is the same.
        assert not added[:, round(marks.qrs_on) : round(marks.t_on)].any()
        share = 100.0 / recorded.labels[row]["t"]
        top = int(np.argmax(np.abs(x[V5, t])))
        assert added[V5, t][top] == pytest.approx(100.0, abs=2.0)
        middle = added[CHEST, t][:, top] / x[CHEST, t][:, top]
        np.testing.assert_allclose(middle, share, rtol=0.5)


def test_t_in_one_lead_or_territory_leaves_the_others(recorded: Marked):
    for name, touched in (
        ("t_v5", {"V5"}),
        ("t_anterior", {"V1", "V2", "V3", "V4"}),
        ("t_lateral", {"I", "II", "III", "aVR", "aVL", "V5", "V6"}),
        ("t_inferior", {"II", "III", "aVR", "aVL", "aVF"}),
    ):
        found = applied(recorded, name, 50.0)
        assert len(found.index)
        moved = np.abs(found.x - recorded.x[found.index]).max(axis=(0, 2)) > 0.05
        assert {lead for lead, is_moved in zip(LEADS, moved, strict=True) if is_moved} == touched


def test_the_axis_turns_by_the_dose_and_chest_leads_stay(exact: Marked):
    varied = exact[[1, 3, 5]]
    found = applied(varied, "axis", 15.0)
    for y, x in zip(found.x, varied.x, strict=True):
        assert axis(y) - axis(x) == pytest.approx(15.0, abs=0.01)
        np.testing.assert_array_equal(y[CHEST], x[CHEST])
    again = marked(varied.x, rr_ms=[*varied.rr])  # the same without knowing the parameters
    np.testing.assert_allclose(applied(again, "axis", 15.0).x, found.x, atol=0.01)


def axis(beat: np.ndarray) -> float:
    """Angle of the QRS vector at the R peak in the frontal plane."""
    i, ii = beat[:2, 250].astype(float)
    return float(np.degrees(np.arctan2((ii - i / 2) / np.sqrt(0.75), i)))


def test_a_wave_that_is_too_small_is_not_scaled(recorded: Marked):
    flat = recorded.x.copy()
    for row, marks in enumerate(recorded.marks):
        flat[row, V5, round(marks.qrs_off) + 5 :] = 0.0
    left_out = applied(marked(flat, marks=recorded.marks), "t", 100.0).left_out
    assert {*left_out.values()} == {"T is below 60 µV in V5"}
    assert all("turned over" in why for why in applied(recorded, "t", 5e3).left_out.values())


def with_qs(index: int) -> ExactParameters:
    """Exact ECG with a Q wave in V6 and neither Q nor R in V1."""
    drawn = draw_exact(11, index)
    field, (v1, v6) = drawn.field.copy(), map(INDEPENDENT.index, ("V1", "V6"))
    field[1, v6], field[1:3, v1] = -0.6 * field[2, v6], 0.0
    return replace(drawn, field=field)


@pytest.mark.parametrize("noise_uv", [2.0, 10.0])
@pytest.mark.parametrize("made", [exact_beat, exact_record])
def test_a_complex_without_r_is_a_q_whatever_its_noise(made, noise_uv: float):
    x = np.stack([made(with_qs(index), noise_uv).signal for index in range(12)])
    ecgs, v1 = marked(x), LEADS.index("V1")
    s, q = applied(ecgs, "s", 100.0), applied(ecgs, "q", 50.0)
    assert min(len(s.index), len(q.index)) > 8
    assert np.abs(s.x - x[s.index])[:, [v1]].max() < 0.05
    for y, row in zip(q.x, q.index, strict=True):
        peak = ecgs.peaks[row][2]
        near = slice(peak - 30, peak + 60)
        before, added = x[row, v1, near], (y - x[row])[v1, near]
        deep = before < 0.5 * before.min()  # all of it, not a part on one side of a sample
        assert added[deep].max() < 0.2 * added.min()


def test_s_behind_a_small_r_stays_an_s():
    x = np.stack([exact_record(draw_exact(13, index), 10.0).signal for index in range(12)])
    found = applied(marked(x), "s", 100.0)  # the least r in V1 is 60 µV
    assert len(found.index) > 8
    assert (found.x - x[found.index])[:, LEADS.index("V1")].min(axis=1).max() < -10.0
