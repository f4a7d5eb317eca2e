import math

import pytest
import torch
from ecglens.eval.evaluations.perturbation.curves import (
    donor_change,
    linear_change,
    mean_change,
    noise_change,
    runs,
)

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


def test_a_line_joins_the_samples_beside_a_run():
    filled = X + linear_change(X, UNITS)
    for lead in range(2):
        x = X[lead].tolist()
        # Samples 3 and 4 lie a third and two thirds of the way from sample 2 to sample 5.
        thirds = [x[2] + (x[5] - x[2]) * k / 3 for k in (1, 2)]
        quarters = [x[4] + (x[8] - x[4]) * k / 4 for k in (1, 2, 3)]
        # At the ends the first and the last sample stay.
        begin = [x[0] + (x[3] - x[0]) * k / 3 for k in range(3)]
        end = [x[7] + (x[9] - x[7]) * k / 2 for k in (1, 2)]
        assert filled[lead].tolist() == pytest.approx([*begin, *thirds, *quarters, *end])


def test_a_straight_line_and_a_flat_lead_stay_as_they_are():
    assert linear_change(torch.arange(10.0)[None], UNITS).abs().max() < 1e-6
    assert not mean_change(torch.full((2, 10), 7.0)).any()


def test_means_and_donors_stand_in_place_of_the_ecg():
    assert torch.allclose(X + mean_change(X), X.mean(1, keepdim=True).expand(2, 10))
    donor = torch.randn(2, 10, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    at = torch.tensor([4, 4, 5, 6, 7, 8, 9, 0, 1, 2])
    assert torch.allclose(X + donor_change(X, donor, at), donor[:, at])
