"""The segments of an ECG: every sample in one of them, and what stands in a hidden one's place."""

import pytest
import torch
from ecglens.ecg import BIT, R_PEAK, Segments, segment_mask
from ecglens.explain import Context
from ecglens.explain.segments import Segmented, map_of_segments, segmented, wave_segments
from torch import nn

SEGMENTS = Segments(4.0, 8.0, 12.0, 16.0, 20.0, 30.0, r_peak=14)
# P 5 samples, PQ 3 beside the shared edges, QRS 5, ST 3, T 11, the rest TP.
BEAT = torch.from_numpy(segment_mask(SEGMENTS, 40))


def counts(number):
    return sorted(number.bincount().tolist())


def test_every_sample_is_in_one_segment_and_an_edge_is_the_waves():
    number = wave_segments(BEAT)
    assert counts(number) == sorted([5, 3, 5, 3, 11, 13])
    ends = [(4, 8), (9, 11), (12, 16), (17, 19), (20, 30)]
    for first, last in ends:
        assert len(set(number[first : last + 1].tolist())) == 1
    tp = [*range(4), *range(31, 40)]
    assert len(set(number[tp].tolist())) == 1


def test_an_ecg_without_p_has_no_segment_for_it():
    lacks = Segments(qrs_on=12.0, qrs_off=16.0, t_on=20.0, t_off=30.0, r_peak=14)
    assert counts(wave_segments(torch.from_numpy(segment_mask(lacks, 40)))) == sorted(
        [5, 3, 11, 21]
    )


def test_the_same_wave_of_every_beat_of_a_strip_is_one_part():
    strip = torch.from_numpy(segment_mask(SEGMENTS, 90, r_peaks=[14, 54]))
    number = wave_segments(strip)
    assert counts(number) == sorted([10, 6, 10, 6, 22, 36])
    assert torch.equal(number[:31], number[40:71])


def test_what_two_waves_claim_is_in_one_of_them():
    marks = torch.zeros(10, dtype=torch.int8)
    marks[:6] |= BIT["T"]
    marks[4:8] |= BIT["P"]
    number = wave_segments(marks)
    assert counts(number) == [2, 4, 4]
    assert len(set(number[4:8].tolist())) == 1


@pytest.mark.parametrize("marks", [torch.zeros(600, dtype=torch.int8), None])
def test_without_marks_there_are_six_equal_windows(marks):
    if marks is None:  # R peaks alone tell no wave
        marks = torch.zeros(600, dtype=torch.int8)
        marks[250] = R_PEAK
    assert wave_segments(marks).tolist() == [t // 100 for t in range(600)]
    assert wave_segments(marks[:3]).tolist() == [0, 1, 2]


def test_a_hidden_segment_is_the_line_between_the_samples_beside_it():
    x = torch.arange(40.0)[None] ** 2 + torch.tensor([[0.0], [100.0]])
    number = wave_segments(BEAT)
    segments = segmented(x, number, "line")
    assert segments.count == 12
    shown = torch.ones(1, 12, dtype=torch.bool)
    shown[0, 6 + number[14]] = False  # QRS of the second lead
    (copy,) = segments.copies(shown)
    assert torch.equal(copy[0], x[0])
    line = torch.lerp(x[1, 11], x[1, 17], torch.arange(1, 6) / 6)
    torch.testing.assert_close(copy[1, 12:17], line)
    copy[1, 12:17] = x[1, 12:17]
    assert torch.equal(copy, x)


def test_hidden_waves_side_by_side_leave_no_jump_and_zero_leaves_one():
    time = torch.arange(40.0)
    x = (100 + 50 * torch.sin(time / 6))[None]  # µV, beside the zero line
    steepest = x.diff().abs().max()
    none = torch.zeros(1, 6, dtype=torch.bool)
    assert segmented(x, wave_segments(BEAT), "line").copies(none).diff().abs().max() <= steepest
    one = ~torch.eye(6).bool()[:1]
    assert segmented(x, wave_segments(BEAT), "zero").copies(one).diff().abs().max() > 5 * steepest


def test_a_map_sums_to_the_values_of_the_parts():
    segments: Segmented = segmented(torch.randn(2, 40), wave_segments(BEAT), "zero")
    values = torch.arange(12.0)
    heatmap = segments.spread(values)
    for lead in range(2):
        for segment in range(6):
            inside = heatmap[lead, wave_segments(BEAT) == segment]
            assert len(set(inside.tolist())) == 1
            torch.testing.assert_close(inside.sum(), values[6 * lead + segment])


def test_every_ecg_is_cut_by_its_own_marks():
    x = torch.ones(2, 1, 40)
    context = Context(
        [torch.Generator(), torch.Generator()], torch.stack([BEAT, torch.zeros_like(BEAT)]), x[:0]
    )
    net = nn.Sequential(nn.Flatten(), nn.Linear(40, 1))
    maps = map_of_segments(
        lambda game, segments, own: torch.arange(1.0, segments + 1), net, x, 0, context, "zero"
    )
    assert (maps[0, 0, 12:17] == maps[0, 0, 12]).all()
    assert maps[1, 0].tolist() == pytest.approx(
        [(1 + t * 6 // 40) / [7, 7, 6, 7, 7, 6][t * 6 // 40] for t in range(40)]
    )
