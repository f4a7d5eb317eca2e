from itertools import pairwise

import torch
from ecglens.ecg import BIT, R_PEAK
from ecglens.eval.heatmaps.folding import aligned, beat_groups, fold, segment_groups
from ecglens.eval.heatmaps.order import rank_points, step_of_points
from hypothesis import given
from hypothesis import strategies as st


def strip(peaks, length):
    mask = torch.full((length,), BIT["T"], dtype=torch.int8)
    mask[list(peaks)] |= R_PEAK
    return mask


@given(st.lists(st.integers(100, 500), min_size=1, max_size=8), st.integers(0, 99))
def test_a_group_stands_at_one_distance_from_the_r_peak_of_each_of_its_beats(intervals, first):
    peaks = [first]
    for interval in intervals:
        peaks.append(peaks[-1] + interval)
    length = peaks[-1] + 80
    groups = beat_groups(strip(peaks, length))
    assert len({int(groups[peak]) for peak in peaks}) == 1
    for shift in (-30, 30, 50):
        inside = {int(groups[peak + shift]) for peak in peaks if 0 <= peak + shift < length}
        assert len(inside) <= 1
    # Groups are numbered without a gap, and one beat never has two samples of a group.
    assert groups.unique().tolist() == list(range(int(groups.max()) + 1))
    for one, other in pairwise(peaks):
        between = groups[one:other]
        assert len(between.unique()) == len(between)


def test_the_interval_between_two_r_peaks_is_shared_two_fifths_to_the_second():
    groups = beat_groups(strip([100, 400, 600], 700))
    place = {peak: groups[peak] - torch.arange(700)[peak] for peak in (100, 400, 600)}
    offset = groups - torch.arange(700)
    # 300 samples lie between the first two peaks, 200 between the others.
    assert (offset[100:280] == place[100]).all()
    assert (offset[280:520] == place[400]).all()
    assert (offset[520:600] == place[600]).all()


def test_one_beat_is_not_folded():
    assert torch.equal(beat_groups(strip([250], 600)), torch.arange(600))
    assert torch.equal(beat_groups(strip([], 600)), torch.arange(600))


def test_a_step_hits_the_point_in_every_beat_and_the_sum_decides():
    groups = beat_groups(strip([20, 60, 100], 120))
    heatmap = torch.zeros(2, 120)
    heatmap[1, [30, 70, 110]] = torch.tensor([1.0, -2.0, 1.5])  # the same place of each beat
    heatmap[0, 65] = -4.0  # the largest single point, but 4 < 1 + 2 + 1.5
    folded = fold(heatmap, groups)
    assert folded[1, groups[30]] == 4.5
    order = rank_points(folded[None], 2, 0, ["a"])
    hit = step_of_points(order, (2, folded.shape[1]))[0][:, groups]
    assert (hit[1] == 1).nonzero().flatten().tolist() == [30, 70, 110]
    assert (hit[0] == 2).nonzero().flatten().tolist() == [25, 65, 105]


def test_a_segment_has_the_r_peak_in_its_middle_in_every_beat():
    mask = strip([100, 400, 600], 700)
    segments = segment_groups(beat_groups(mask), mask, 15)
    for peak in (100, 400, 600):
        own = (segments == segments[100]).nonzero().flatten()
        assert own[(own - peak).abs() < 50].tolist() == list(range(peak - 7, peak + 8))
    assert segments.unique().tolist() == list(range(int(segments.max()) + 1))


def test_without_an_r_peak_segments_begin_at_the_first_sample():
    samples, mask = torch.arange(40), strip([], 40)
    assert torch.equal(segment_groups(samples, mask, 15), samples // 15)
    assert torch.equal(segment_groups(samples, strip([20], 40), 1), samples)


def test_a_donor_is_aligned_on_the_r_peak_of_its_middle_beat():
    at = aligned(strip([100, 400, 600], 700), strip([50, 300, 550], 700))
    for peak in (100, 400, 600):
        assert at[peak - 30 : peak + 30].tolist() == list(range(270, 330))
    one = strip([250], 600)
    assert torch.equal(aligned(one, one), torch.arange(600))
