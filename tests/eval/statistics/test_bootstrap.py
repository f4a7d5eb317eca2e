import numpy as np
import pytest
from ecglens.eval.statistics import resampling
from ecglens.eval.statistics.bootstrap import Bootstrap, smallest_p
from ecglens.eval.statistics.resampling import interval, p_values

PATIENTS = ["b", "a", "c", "a", "d", "e", "f", "f", "f", "g", "h", "b"]


def by_hand(values, patients, counts):
    """Mean, standard error and t values of replicates, in loops, for one series."""
    people = sorted({*patients})
    of = [values[[p == person for p in patients]] for person in people]

    def mean_and_error(times):
        ecgs = sum(c * len(each) for c, each in zip(times, of, strict=True))
        mean = sum(c * each.sum() for c, each in zip(times, of, strict=True)) / ecgs
        square = sum(
            c * (each.sum() - mean * len(each)) ** 2 for c, each in zip(times, of, strict=True)
        )
        return mean, np.sqrt(square * len(people) / (len(people) - 1)) / ecgs

    mean, error = mean_and_error(np.ones(len(people)))
    t = [(m - mean) / e if e > 1e-9 else 0.0 for m, e in (mean_and_error(row) for row in counts)]
    return mean, error, np.array(t)


def test_the_interval_and_p_are_those_of_the_loops():
    values = np.random.default_rng(0).lognormal(size=(2, len(PATIENTS)))
    drawn = Bootstrap.of(1, PATIENTS, seed=3)
    low, high = drawn.interval(values[:, None])
    p = drawn.p(values[:, None] - 0.8)
    for series, each in enumerate(values):
        mean, error, t = by_hand(each, PATIENTS, drawn.drawn)
        lower, upper = np.quantile(t, [0.025, 0.975])
        assert (low[series], high[series]) == pytest.approx(
            (mean - upper * error, mean - lower * error)
        )
        own = (mean - 0.8) / error
        beyond = min((t >= own).sum(), (t <= own).sum())
        assert p[series] == pytest.approx(min(1, 2 * (beyond + 1) / (len(t) + 1)))


def test_p_is_below_5_percent_where_the_interval_leaves_0_out():
    values = np.random.default_rng(5).gamma(2, size=(400, 1, 20)) - 1.5
    drawn = Bootstrap.of(1, [str(ecg) for ecg in range(20)], seed=0)
    low, high = drawn.interval(values)
    outside = (low > 0) | (high < 0)
    # A replicate more or less beyond is all that may part the two.
    assert ((drawn.p(values) < 0.05) == outside).mean() > 0.98
    assert 0.3 < outside.mean() < 0.7


@pytest.mark.parametrize(
    ("values", "patients"),
    [
        (np.array([1.0, 1.1, 1.3, 0.9]), "abcd"),  # 1 of 64 replicates draws one patient alone
        (np.array([1.0] + [0.0] * 23), "abcdefghijklmnopqrstuvwx"),  # 36 % draw no 1
    ],
)
def test_where_replicates_lack_a_spread_the_percentiles_decide(values, patients):
    drawn = Bootstrap.of(1, [*patients], seed=0)
    found = drawn.studentized(values[None, None])
    assert not found.known.any()
    low, high = drawn.interval(values[None, None])
    expected = interval(found.means, len(patients))
    assert (low[0], high[0]) == (expected[0][0], expected[1][0])
    assert drawn.p(values[None, None])[0] == p_values(found.means, len(patients))[0]


def test_the_smallest_p_is_that_of_a_difference_far_from_0():
    for count in (3, 5, 8, 40):
        values = 1e4 + np.random.default_rng(count).normal(size=(1, 1, count))
        drawn = Bootstrap.of(9, [str(ecg) for ecg in range(count)], seed=0)
        assert drawn.p(values)[0] == pytest.approx(smallest_p(9, count))


def test_equal_series_differ_by_nothing():
    assert Bootstrap.of(1, [*"abcdefgh"], 0).p(np.zeros((2, 1, 8))).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("large", [0.0, 1e6])
def test_a_large_mean_costs_no_digits(large):
    values = np.random.default_rng(1).normal(size=(1, 1, 30))
    drawn = Bootstrap.of(1, [str(ecg) for ecg in range(30)], 0)
    low, high = drawn.interval(values)
    shifted = drawn.interval(values + large)
    assert shifted[0] - large == pytest.approx(low, abs=1e-7)
    assert shifted[1] - large == pytest.approx(high, abs=1e-7)


def test_replicates_in_pieces_are_those_of_all_at_once_and_a_count_takes_a_byte(monkeypatch):
    values = np.random.default_rng(0).lognormal(size=(2, 1, 50))
    patients = [str(number % 30) for number in range(50)]
    whole = Bootstrap.of(1, patients, seed=3)
    assert whole.drawn.nbytes == len(whole.drawn) * 30
    resampling._drawn.cache_clear()
    monkeypatch.setattr(resampling, "AT_ONCE", 7 * 30)  # 7 of 2000 replicates at a time
    parts = Bootstrap.of(1, patients, seed=3)
    np.testing.assert_array_equal(parts.drawn, whole.drawn)
    weights = resampling.resampled(patients, 3)
    means = resampling.resampled_means(values[:, 0], patients, 3)
    np.testing.assert_allclose(means, resampling.bootstrap_means(values[:, 0], weights), rtol=1e-12)
    np.testing.assert_allclose(parts.interval(values), whole.interval(values), rtol=1e-12)
