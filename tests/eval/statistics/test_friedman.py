import numpy as np
import pytest
from ecglens.eval.statistics.ranks import Friedman, friedman, nemenyi_quantile
from scipy import stats


def test_it_is_scipys_test_with_and_without_ties():
    random = np.random.default_rng(0)
    for scores in (random.normal(size=(4, 20)), random.integers(0, 3, size=(4, 20)).astype(float)):
        found = friedman(["a", "b", "c", "d"], scores)
        expected = stats.friedmanchisquare(*scores)
        assert (found.statistic, found.p) == pytest.approx(tuple(expected))


def test_the_example_of_demsar_2006():
    # Demšar 2006, section 3.2.2: mean ranks of four classifiers on 14 data sets, their χ², and the
    # critical difference; the ranks are printed to three digits.
    ranks = np.array([3.143, 2.000, 2.893, 1.964])
    found = Friedman(("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"), ranks, 14, 9.28, 0.026)
    statistic = 12 * 14 / (4 * 5) * ((ranks**2).sum() - 4 * 5**2 / 4)
    assert statistic == pytest.approx(9.28, abs=0.02)
    assert found.critical_difference == pytest.approx(2.569 * np.sqrt(4 * 5 / (6 * 14)), abs=1e-3)
    assert found.critical_difference == pytest.approx(1.25, abs=0.005)
    # No two classifiers are 1.25 apart: one group of all four, best first.
    assert found.groups == (("C4.5+m+cf", "C4.5+m", "C4.5+cf", "C4.5"),)


def test_quantiles_are_those_of_the_printed_table():
    # Demšar 2006, table 5(a), α = 0.05.
    printed = [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164]
    found = [nemenyi_quantile(count) for count in range(2, 11)]
    assert found == pytest.approx(printed, abs=0.0011)


def test_groups_are_the_longest_runs_within_the_critical_difference():
    ranks = np.array([1.0, 1.4, 2.6, 4.9, 5.1])
    found = Friedman(tuple("abcde"), ranks, 1, 0.0, 1.0)
    # So many blocks that the critical difference is 1.3.
    blocks = (nemenyi_quantile(5) / 1.3) ** 2 * 5
    exact = Friedman(found.methods, ranks, round(blocks), 0.0, 1.0)
    assert 1.2 < exact.critical_difference < 1.6
    assert exact.groups == (("a", "b"), ("b", "c"), ("d", "e"))


def test_the_highest_score_has_rank_1():
    found = friedman(["low", "high"], np.array([[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]))
    assert found.mean_ranks.tolist() == [2.0, 1.0]
    assert friedman(["a", "b"], np.ones((2, 5))).p == 1.0


def test_one_method_or_one_patient_is_refused():
    for scores in (np.ones((1, 5)), np.ones((2, 1))):
        with pytest.raises(ValueError, match="at least 2 methods and 2 patients"):
            friedman(["a", "b"][: len(scores)], scores)
