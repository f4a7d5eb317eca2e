from math import nan

import numpy as np
import pytest
from ecglens.ecg import Segments, draw_exact, edge_mask, exact_record, wave_mask

MARKS = Segments(100.0, 140.0, 200.0, 260.0, 320.0, 420.0)


def test_an_edge_reaches_20_ms_to_both_sides():
    mask = edge_mask(MARKS, ["P_on", "QRS_off"], 600)
    assert np.flatnonzero(mask).tolist() == [*range(90, 111), *range(250, 271)]


def test_a_wave_holds_its_edges():
    assert np.flatnonzero(wave_mask(MARKS, ["P"], 600)).tolist() == list(range(100, 141))
    both = wave_mask(MARKS, ["QRS", "ST", "T"], 600)
    assert np.flatnonzero(both).tolist() == list(range(200, 421))


def test_on_a_strip_the_marks_are_laid_at_each_r_peak_and_cut_at_its_ends():
    peaks = [-60, 100, 560]
    mask = edge_mask(MARKS, ["T_off"], 600, peaks)
    assert np.flatnonzero(mask).tolist() == [*range(100, 121), *range(260, 281)]
    wave = wave_mask(MARKS, ["P"], 600, peaks)
    assert np.flatnonzero(wave).tolist() == list(range(410, 451))


def test_a_wave_that_does_not_exist_has_neither_mask():
    without_p = Segments(nan, nan, 200.0, 260.0, 320.0, 420.0)
    assert not edge_mask(without_p, ["P_on", "P_off"], 600).any()
    assert not wave_mask(without_p, ["P", "PQ"], 600).any()


@pytest.mark.parametrize("kind", ["sinus", "af", "avb3"])
def test_masks_of_an_exact_strip_lie_where_its_waves_are(kind):
    parameters = draw_exact(0, 1, kind)
    record = exact_record(parameters)
    assert record.r_peaks is not None
    peaks = record.r_peaks.tolist()
    qrs = wave_mask(parameters.marks, ["QRS"], 5000, peaks)
    for peak in peaks:
        assert not 0 <= peak < 5000 or qrs[peak]
    assert wave_mask(parameters.marks, ["P"], 5000, peaks).any() == (kind == "sinus")
