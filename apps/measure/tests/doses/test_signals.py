"""Disturbances and faults: the stated size, on any ECG."""

import numpy as np
import pytest
from ecglens.ecg import INDEPENDENT_INDEX, LEADS, draw_exact, exact_record
from ecglens_measure import Marked, applied, marked
from ecglens_measure.doses import doses

EIGHT = list(INDEPENDENT_INDEX)
FAULTS = [name for name, dose in doses().items() if dose.kind == "fault"]


@pytest.mark.parametrize("name", ["noise_muscle", "noise_mains"])
@pytest.mark.parametrize("by", [10.0, 50.0])
def test_noise_has_the_stated_rms_in_each_of_eight_leads(recorded: Marked, name: str, by: float):
    found = applied(recorded, name, by)
    noise = (found.x - recorded.x)[:, EIGHT]
    np.testing.assert_allclose(np.sqrt(np.mean(noise**2, axis=2)), by, rtol=1e-3)
    other = applied(recorded, name, 2 * by)
    np.testing.assert_allclose((other.x - recorded.x)[:, EIGHT], 2 * noise, atol=0.01)


def test_noise_depends_on_the_name_of_an_ecg_and_on_nothing_else(recorded: Marked):
    whole, part = (
        applied(recorded, "noise_muscle", 20.0),
        applied(recorded[[3]], "noise_muscle", 20.0),
    )
    np.testing.assert_array_equal(whole.x[3], part.x[0])
    noise = (whole.x - recorded.x)[:, 0]
    assert np.corrcoef(noise[0], noise[1])[0, 1] < 0.5


@pytest.mark.parametrize("name", [*FAULTS, "gain", "wander", "shift", "ends", "outside_waves"])
def test_a_disturbance_or_fault_takes_every_ecg(recorded: Marked, name: str):
    fibrillating = marked(exact_record(draw_exact(3, 1, "af"), noise_uv=5.0).signal[None])
    by = doses()[name].sizes[-1]
    for ecgs in (recorded, fibrillating):
        found = applied(ecgs, name, by)
        assert len(found.index) == len(ecgs)
        assert np.isfinite(found.x).all()
        assert np.abs(found.x - ecgs.x).max() > 0.5  # µV


@pytest.mark.parametrize("name", ["inverted", "swap_limb", "swap_leg", "swap_v1_v2", "swap_v3_v4"])
def test_what_is_exchanged_twice_is_as_it_was(recorded: Marked, name: str):
    once = applied(recorded, name, 1.0).x
    twice = applied(marked(once, rr_ms=[*recorded.rr]), name, 1.0)
    np.testing.assert_allclose(twice.x, recorded.x[twice.index], atol=0.01)


def test_exchanged_arms_change_the_limb_leads_as_the_textbook_says(recorded: Marked):
    x, y = recorded.x, applied(recorded, "swap_limb", 1.0).x
    expected = {"I": -x[:, 0], "II": x[:, 2], "III": x[:, 1], "aVR": x[:, 4], "aVL": x[:, 3]}
    for name, lead in expected.items():
        np.testing.assert_allclose(y[:, LEADS.index(name)], lead, atol=0.01)
    np.testing.assert_allclose(y[:, 5:], x[:, 5:], atol=0.01)


def test_a_lead_that_is_off_is_zero_with_the_leads_that_follow_from_it(recorded: Marked):
    off = applied(recorded, "lead_off_I", 1.0).x
    assert not off[:, [0, 2, 3, 4, 5]].any()
    np.testing.assert_array_equal(off[:, 6:], recorded.x[:, 6:])
    assert not applied(recorded, "lead_off_V3", 1.0).x[:, LEADS.index("V3")].any()


def test_a_filter_takes_the_hum_that_was_added(recorded: Marked):
    hum = applied(recorded, "noise_mains", 50.0)
    disturbed = marked(hum.x, marks=recorded.marks, rr_ms=[*recorded.rr])
    left = applied(disturbed, "lowpass_25", 1.0).x - applied(recorded, "lowpass_25", 1.0).x
    # Away from the ends, where the hum meets its mirror image: 1 / (1 + 2^4) of it.
    assert np.sqrt(np.mean(left[:, EIGHT, 100:500] ** 2)) == pytest.approx(50 / 17, rel=0.1)


def test_outside_of_the_waves_each_lead_becomes_a_line(recorded: Marked):
    found = applied(recorded, "outside_waves", 100.0)
    for y, row in zip(found.x, found.index, strict=True):
        marks, x = recorded.marks[row], recorded.x[row]
        np.testing.assert_array_equal(
            y[6:, round(marks.qrs_on) : round(marks.t_off)],
            x[6:, round(marks.qrs_on) : round(marks.t_off)],
        )
        gap = y[6:, round(marks.t_off) + 6 : round(marks.t_off) + 14]
        np.testing.assert_allclose(np.diff(gap, 2), 0.0, atol=0.01)
