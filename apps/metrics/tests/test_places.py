"""Places without a heart, on ECGs in which they are known."""

import numpy as np
import pytest
from ecglens.ecg import Shortcut, draw_exact, exact_beat, plant, segment_mask
from ecglens.ecg.synthetic.exact import r_peaks_of_beat
from ecglens_metrics.shortcut_places import PLACES, calibration, disconnected

PARAMETERS = draw_exact(5, 1)
MARKS = PARAMETERS.marks
WAVES = segment_mask(MARKS, 600)


def beat(name: str) -> np.ndarray:
    found = plant(exact_beat(PARAMETERS), Shortcut(name), PARAMETERS).beat
    assert found is not None
    return found


def test_the_tp_baseline_is_what_no_wave_has_and_unknown_without_waves():
    mask = PLACES["tp"](beat("none"), WAVES)
    expected = np.ones(600, bool)
    expected[int(MARKS.p_on) : int(MARKS.t_off) + 1] = False
    np.testing.assert_array_equal(mask, np.tile(expected, (12, 1)))
    assert not PLACES["tp"](beat("none"), np.zeros(600, np.int8)).any()


def test_the_edges_are_100_ms_at_each_end():
    mask = PLACES["edges"](beat("none"), WAVES)
    assert mask[:, :50].all()
    assert mask[:, -50:].all()
    assert mask.sum() == 12 * 100


def test_a_planted_spike_is_found_and_no_wave_is_one():
    assert not PLACES["spikes"](beat("none"), WAVES).any()
    mask = PLACES["spikes"](beat("spike"), WAVES)
    place = Shortcut("spike").place(MARKS, 600, r_peaks_of_beat(PARAMETERS))
    assert mask[place].all()
    # 8 ms on both sides of the sample that stands out, of this beat's and of the next one's.
    assert mask.sum() == 12 * 2 * 9


@pytest.mark.parametrize("name", ["lead", "calibration"])
def test_parts_without_a_heart_are_where_they_were_planted(name):
    mask = PLACES["no_signal"](beat(name), WAVES)
    place = Shortcut(name).place(MARKS, 600)
    assert not (mask & ~place).any()
    assert mask.sum() >= 0.97 * place.sum()  # all but the samples before and behind the pulse


@pytest.mark.parametrize("name", ["none", "edge", "offset", "mains", "spike"])
def test_a_resting_heart_an_offset_and_padding_of_all_leads_are_no_lead_that_is_off(name):
    assert not disconnected(beat(name)).any()
    assert not calibration(beat(name)).any()


def test_a_lead_that_stops_for_200_ms_is_disconnected_there_and_for_less_is_not():
    x = np.random.default_rng(0).normal(0, 10, (12, 600)).astype(np.float32)
    x[3, 100:200], x[4, 100:199] = 7.0, 7.0
    mask = disconnected(x)
    assert mask[3, 100:200].all()
    assert mask.sum() == 100
