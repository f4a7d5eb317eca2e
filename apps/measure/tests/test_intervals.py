"""Intervals and p of gains: coverage, bounds, and many tests at once."""

import numpy as np
import pytest
from ecglens.eval.statistics import LEVEL, holm
from ecglens_measure.doses import doses
from ecglens_measure.intervals import LEAST, estimates, least_p, p_of, patients_for
from scipy import stats


def patients(count: int) -> list[str]:
    return [f"patient {number}" for number in range(count)]


@pytest.mark.parametrize("networks", [1, 4])
def test_intervals_cover_the_gain_in_95_of_100_draws(networks):
    random = np.random.default_rng(11)
    draws, ecgs = 2000, 24
    # Slopes of skewed ECGs; networks that differ, where there are several.
    own = 0.1 * (random.exponential(size=(draws, 1, ecgs)) - 1)
    between = 0.05 * random.normal(size=(draws, networks, 1)) * (networks > 1)
    slopes = 0.9 + own + between + 0.1 * random.normal(size=(draws, networks, ecgs))
    found = np.array(estimates(slopes, patients(ecgs)))
    assert np.mean((found[:, 1] <= 0.9) & (found[:, 2] >= 0.9)) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("ecgs", [6, 8, 12, 16])
@pytest.mark.parametrize("form", ["normal", "exponential", "tails"])
def test_few_ecgs_are_covered_in_93_of_100_draws_or_more(form, ecgs):
    random, size = np.random.default_rng(5), (4000, 1, ecgs)
    drawn = {
        "normal": random.normal(size=size),
        "exponential": random.exponential(size=size) - 1,
        "tails": random.standard_t(3, size=size),
    }[form]
    found = np.array(estimates(drawn, patients(ecgs)))
    assert np.mean((found[:, 1] <= 0) & (found[:, 2] >= 0)) > 0.93


def test_eight_ecgs_of_which_half_answer_have_an_interval_of_their_size():
    """The bootstrap-t gave −16 to 0 here."""
    random = np.random.default_rng(0)
    slopes = np.where(np.arange(8) < 4, -1.0, 0.0) + 0.001 * random.normal(size=(200, 1, 8))
    found = np.array(estimates(slopes, patients(8)))
    assert found[:, 1].min() > -1.5
    assert found[:, 2].max() < 0.5


def test_no_interval_is_further_from_the_mean_than_eleven_standard_errors():
    random = np.random.default_rng(1)
    slopes = random.standard_cauchy(size=(5000, 1, LEAST)) ** 3
    found = np.array(estimates(slopes, patients(LEAST)))
    error = slopes[:, 0].std(1, ddof=1) / LEAST**0.5
    assert np.isfinite(found).all()
    assert (np.abs(found[:, 1:] - found[:, :1]) / error[:, None]).max() < 11


def test_p_is_that_of_the_interval_which_ends_at_zero():
    random = np.random.default_rng(2)
    slopes = 0.5 + random.exponential(size=(50, 1, 20)) - 1
    p, found = p_of(slopes, patients(20)), np.array(estimates(slopes, patients(20)))
    outside = (found[:, 1] > 0) | (found[:, 2] < 0)
    np.testing.assert_array_equal(p < LEVEL, outside)
    assert 5 < outside.sum() < 45
    t = slopes[:, 0].mean(1) / slopes[:, 0].std(1, ddof=1) * 20**0.5
    assert (p >= 2 * stats.t.sf(np.abs(t), 19) - 1e-9).all()


def test_a_response_is_shown_among_all_doses_of_several_outputs():
    random = np.random.default_rng(3)
    tests = len(doses()) * 6
    slopes = 0.1 * random.normal(size=(tests, 1, 24))
    slopes[0] += 1.0
    corrected = holm(p_of(slopes, patients(24)))
    assert corrected[0] < 1e-3
    assert (corrected[1:] < LEVEL).sum() == 0


def test_p_has_the_floor_of_as_many_patients_in_one_direction():
    same = np.ones((1, 1, 12))
    assert p_of(same, patients(12))[0] == least_p(12) == 2.0**-11
    assert p_of(0 * same, patients(12))[0] == 1
    assert least_p(LEAST) < LEVEL < least_p(LEAST - 1)
    needed = patients_for(57)
    assert least_p(needed) * 57 < LEVEL <= least_p(needed - 1) * 57


def test_a_series_with_a_number_missing_has_no_p():
    slopes = np.random.default_rng(0).normal(size=(2, 1, 12))
    slopes[1, 0, 3] = np.nan
    np.testing.assert_array_equal(np.isnan(p_of(slopes, patients(12))), [False, True])
