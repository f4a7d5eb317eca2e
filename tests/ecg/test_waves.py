import numpy as np
import pytest
from ecglens.ecg import BIT, R_PEAK, Segments, segment_mask

MARKS = Segments(p_on=150.0, p_off=200.0, qrs_on=225.0, qrs_off=270.0, t_on=330.0, t_off=420.0)


def test_each_part_of_a_beat_has_its_bit_between_its_edges():
    mask = segment_mask(MARKS, 600)
    assert mask.dtype == np.int8
    for name, (on, off) in MARKS.edges().items():
        samples = np.flatnonzero(mask & BIT[name])
        assert (samples[0], samples[-1], len(samples)) == (on, off, off - on + 1)
    assert np.flatnonzero(mask & R_PEAK).tolist() == [250]


def test_a_wave_that_is_not_there_has_no_bit():
    mask = segment_mask(Segments(qrs_on=225.0, qrs_off=270.0), 600)
    assert set(np.unique(mask)) == {0, BIT["QRS"], BIT["QRS"] | R_PEAK}


def test_on_a_strip_the_marks_lie_around_every_r_peak_and_are_cut_at_its_ends():
    strip = segment_mask(MARKS, 1000, r_peaks=[20, 400, 950])
    beat = segment_mask(MARKS, 600)
    np.testing.assert_array_equal(strip[300:580], beat[150:430])
    np.testing.assert_array_equal(strip[:200], beat[230:430])
    np.testing.assert_array_equal(strip[850:], beat[150:300])
    assert np.flatnonzero(strip & R_PEAK).tolist() == [20, 400, 950]


@pytest.mark.parametrize("peak", [-400, 2000])
def test_a_beat_outside_the_strip_leaves_nothing(peak):
    assert not segment_mask(MARKS, 1000, r_peaks=[peak]).any()
