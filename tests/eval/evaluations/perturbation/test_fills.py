import math

import pytest
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import R_PEAK
from ecglens.eval import Protocol, Subject
from ecglens.eval.evaluations.perturbation.curves import changes, noise_change, runs
from ecglens.eval.heatmaps.probe import Probe
from torch import nn

# Two leads of ten samples; units 0 and 1 come twice, as in two beats.
X = torch.arange(20, dtype=torch.float64).reshape(2, 10) ** 2
UNITS = torch.tensor([0, 0, 0, 1, 1, 0, 0, 0, 1, 1])


def test_a_run_is_what_stands_side_by_side():
    first, length = runs(UNITS)
    assert first.tolist() == [0, 0, 0, 3, 3, 5, 5, 5, 8, 8]
    assert length.tolist() == [3, 3, 3, 2, 2, 3, 3, 3, 2, 2]


def test_a_bump_is_one_draw_times_a_raised_cosine_that_begins_and_ends_low():
    field = torch.randn(2, 10, generator=torch.Generator().manual_seed(0))
    changed = noise_change(X, field, UNITS, 0.1, "sample")
    sd = 0.1 * 19**2
    for lead in range(2):
        for first, last in [(0, 3), (3, 5), (5, 8), (8, 10)]:
            for t in range(first, last):
                turn = 2 * math.pi * (t - first + 0.5) / (last - first)
                expected = sd * float(field[lead, first]) * (1 - math.cos(turn)) / 2
                assert changed[lead, t].item() == pytest.approx(expected, rel=1e-6)


def test_the_bump_of_a_point_is_its_noise_to_the_last_bit():
    field = torch.randn(2, 10, generator=torch.Generator().manual_seed(0))
    x = X.float()
    alone = noise_change(x, field, torch.arange(10), 0.2, "lead")
    assert torch.equal(alone, 0.2 * (x.amax(1) - x.amin(1))[:, None] * field)


def changed(x, fill, r_peaks=((1, 8), (1, 8))):
    """What a fill adds to each of two ECGs, in segments of 3 samples that are folded."""
    segments = torch.zeros(2, 10, dtype=torch.int8)
    for marks, peaks in zip(segments, r_peaks, strict=True):
        marks[list(peaks)] = R_PEAK
    ecgs = Batch(x, torch.zeros(2, 1), segments, ["a", "b"])
    protocol = Protocol(fill=fill, draws=1, segment_ms=6)
    of_ecg = changes(Probe(nn.Identity(), "key", Subject(ecgs, {})), protocol)
    return torch.cat([of_ecg(0), of_ecg(1)])


def test_a_line_joins_the_samples_beside_a_run():
    ecgs = torch.stack([X, -X])
    filled = ecgs + changed(ecgs, "linear")
    for x, found in zip(ecgs.flatten(0, 1).tolist(), filled.flatten(0, 1).tolist(), strict=True):
        # Samples 3 and 4 end the first beat: a third and two thirds of the way from 2 to 5.
        last = [x[2] + (x[5] - x[2]) * k / 3 for k in (1, 2)]
        # Samples 5 and 6 begin the second beat.
        first = [x[4] + (x[7] - x[4]) * k / 3 for k in (1, 2)]
        # At the ends the first and the last sample stay.
        begin = [x[0] + (x[3] - x[0]) * k / 3 for k in range(3)]
        end = [x[6] + (x[9] - x[6]) * k / 3 for k in (1, 2, 3)]
        assert found == pytest.approx([*begin, *last, *first, *end])


def test_a_straight_line_and_a_flat_lead_stay_as_they_are():
    assert changed(torch.arange(10.0).expand(2, 2, 10), "linear").abs().max() < 1e-6
    assert not changed(torch.full((2, 2, 10), 7.0), "mean").any()


def test_means_and_zeros_replace_the_ecg():
    x = torch.stack([X, -X])
    assert torch.allclose(x + changed(x, "mean"), x.mean(2, keepdim=True).expand(2, 2, 10))
    assert not (x + changed(x, "zero")).any()


def test_a_donor_replaces_the_ecg_aligned_by_the_r_peaks_of_their_middle_beats():
    x = torch.randn(2, 2, 10, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    filled = x + changed(x, "donor", r_peaks=((1, 8), (2, 6)))
    # Distances from the R peaks are −1 … 3, then −3 … 1; the donor's R peak is sample 6.
    assert torch.allclose(filled[0], x[1][:, [5, 6, 7, 8, 9, 3, 4, 5, 6, 7]])
    # Distances are −2 … 1, twice, then those of a third beat; the donor's R peak is sample 8.
    assert torch.allclose(filled[1], x[0][:, [6, 7, 8, 9, 6, 7, 8, 9, 6, 7]])
