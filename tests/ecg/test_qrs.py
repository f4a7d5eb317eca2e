from dataclasses import replace

import numpy as np
import pytest
from ecglens.ecg import draw_exact, exact_record, measure, median_beat
from ecglens.ecg.delineation import qrs_edges
from ecglens.ecg.synthetic.exact import bumps

COMPLEX = np.array([[230, 250, 270]])


def in_all_leads(lead: np.ndarray) -> np.ndarray:
    return np.tile(lead, (8, 1))


def test_a_complex_between_quiet_parts_ends_where_it_falls_silent():
    on, off = qrs_edges(in_all_leads(1000.0 * bumps(COMPLEX, np.arange(600))[0]))
    # The steepest place of a raised cosine is half way; smoothing by 9 samples widens it by 4.
    assert 224 <= on <= 232
    assert off == pytest.approx(500 - on, abs=2)


# Strips whose leads are silent for 12 ms nowhere behind J (13, 26), or only at the top of T,
# 140 ms too late (75).
@pytest.mark.parametrize("index", [13, 26, 75])
def test_a_complex_that_runs_into_a_steep_st_segment_ends_between_them(index):
    record = replace(exact_record(draw_exact(2026, index, "ami_st"), 10.0, 0.03), beat=None)
    found = measure(median_beat(record))
    assert not found.reasons
    assert found.qrs - record.labels["qrs"] == pytest.approx(30.0, abs=8.0)


def test_a_complex_without_a_slow_place_behind_it_has_no_end():
    samples = np.arange(600)
    falling = -20.0 * np.clip(samples - 250, 0, None)  # a quarter of QRS's steepest slope
    on, off = qrs_edges(in_all_leads(1000.0 * bumps(COMPLEX, samples)[0] + falling))
    assert np.isnan(off)
    assert not np.isnan(on)
