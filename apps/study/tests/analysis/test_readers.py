"""Simulated readers, and the plan of a study with and without the map."""

import math
from dataclasses import replace

import numpy as np
import pytest
from ecglens_study.judgements import effect
from ecglens_study.readers import (
    Readers,
    Shares,
    draw_right,
    power_of,
    readers_needed,
    simulated_pairs,
    variances,
)

MANY = Readers(400, 0.65, 0.1, Shares(0.1, 0.2, 0.15, 0.05, 0.1))


def test_shares_judged_rightly_and_variances_are_those_of_the_closed_form():
    right, _ = draw_right(MANY, 800, np.random.default_rng(0))
    np.testing.assert_allclose(right.mean((0, 1)), [0.65, 0.75], atol=0.03)
    gaps = right[..., 1].astype(float) - right[..., 0]
    of_readers, of_ecgs, rest = variances(MANY)
    # Means over 400 readers or 800 ECGs: the variance of the others is almost gone.
    np.testing.assert_allclose(gaps.mean(1).var(ddof=1), of_readers + rest / 800, rtol=0.25)
    np.testing.assert_allclose(gaps.mean(0).var(ddof=1), of_ecgs + rest / 400, rtol=0.25)
    np.testing.assert_allclose(gaps.var(), of_readers + of_ecgs + rest, rtol=0.02)


def test_period_and_carry_over_move_the_truth_as_stated():
    readers = replace(MANY, period=0.3, carry=0.4)
    right, period = draw_right(readers, 800, np.random.default_rng(1))
    found = (right[..., 1].astype(float) - right[..., 0]).mean()
    assert found == pytest.approx(readers.true_difference, abs=0.03)
    assert readers.true_difference != pytest.approx(0.1, abs=0.02)
    assert (np.bincount(period[:, 0]) == [0, 200, 200]).all()


@pytest.mark.heavy
def test_the_power_of_the_plan_is_that_of_simulated_studies():
    readers, draw = Readers(6, 0.6, 0.2), np.random.default_rng(2)
    shown = [effect(simulated_pairs(readers, 20, draw)).low > 0 for _ in range(200)]
    planned = power_of(readers, variances(readers), 20)
    assert 0.7 < planned < 0.9
    # Three standard errors of 200 studies.
    assert np.mean(shown) == pytest.approx(planned, abs=0.1)


def test_needed_ecgs_are_the_fewest_and_fall_with_readers_and_difference():
    found = [*readers_needed(Readers(2), 0.9)]
    assert [each.readers for each in found] == [4, 6, 8, 10, 12, 16]
    assert math.isnan(found[0].ecgs)
    counts = [each.ecgs for each in found[1:]]
    assert counts == sorted(counts, reverse=True)
    for each in found[1:]:
        assert each.ecgs % 4 == 0
        own = Readers(each.readers)
        assert power_of(own, variances(own), int(each.ecgs)) == each.power >= 0.9
        assert power_of(own, variances(own), int(each.ecgs) - 4) < 0.9
    (larger,) = readers_needed(Readers(2, difference=0.2), 0.9, [8])
    assert larger.ecgs < found[2].ecgs


def test_without_a_difference_the_power_is_the_level():
    readers = Readers(6, difference=0.0)
    assert power_of(readers, variances(readers), 40) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (lambda: Readers(1), "expected at least 2 readers, got 1"),
        (lambda: Readers(4, 0.9, 0.2), "between 0 and 1, got 0.9 without and 1.1 with the map"),
        (lambda: Shares(ecg=0.9), "sum below 1"),
        (lambda: Shares(ecg=-0.1), "shares of 0 or more"),
        (lambda: [*readers_needed(Readers(4), 1.0)], "a power between 0 and 1 and a difference"),
        (lambda: [*readers_needed(Readers(4, 0.7, 0.0), 0.9)], "a difference, got 0.9 and 0"),
    ],
)
def test_what_cannot_be_planned_is_one_clear_line(wrong, line):
    with pytest.raises(ValueError, match=line):
        wrong()
