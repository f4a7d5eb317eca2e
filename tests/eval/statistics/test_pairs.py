from itertools import combinations

import numpy as np
import pytest
from ecglens.eval.statistics.bootstrap import Bootstrap
from ecglens.eval.statistics.comparison import best_and_tied, p_of_the_best, sampling
from ecglens.eval.statistics.pairs import CrossedPairs, range_quantiles
from scipy import stats


def names(ecgs):
    return [f"{number:03d}" for number in range(ecgs)]


def by_hand(aucs, drawn):
    """The model confidence set of one network in loops: names of pairs, one removal at a time."""
    kept, reached, p = set(range(len(aucs))), 0.0, {}
    while len(kept) > 1:
        found = {}
        for one, other in combinations(sorted(kept), 2):
            each = drawn.studentized((aucs[one] - aucs[other])[None])
            found[one, other] = (float(each.mean[0] / each.error[0]), np.abs(each.t[0]))
        largest = np.max([t for _, t in found.values()], axis=0)
        (one, other), (t, _) = max(found.items(), key=lambda item: abs(item[1][0]))
        own = (1 + (largest >= abs(t)).sum()) / (1 + len(largest))
        reached = max(reached, own)
        worse = other if t > 0 else one
        p[worse] = reached
        kept.remove(worse)
    return [p.get(method, 1.0) for method in range(len(aucs))]


def test_what_may_be_the_best_is_found_as_in_the_loops():
    random = np.random.default_rng(0)
    means = np.array([3.0, 2.8, 2.6, 1.0])
    aucs = means[:, None, None] + random.normal(size=(4, 1, 24))
    drawn = Bootstrap.of(4, names(24), 0)
    found = p_of_the_best(aucs, np.ones(4, bool), drawn)
    assert found == pytest.approx(by_hand(aucs, drawn))
    assert found.max() == 1
    assert found[3] < 0.01


@pytest.mark.parametrize("networks", [1, 4])
def test_only_methods_that_passed_are_compared(networks):
    aucs = np.random.default_rng(1).normal(size=(4, networks, 20)) + 9 * np.eye(4)[0][:, None, None]
    drawn = sampling(networks, 4, names(20), 0)
    p = p_of_the_best(aucs, np.array([False, True, True, False]), drawn)
    assert np.isnan(p[[0, 3]]).all()
    assert np.nanmax(p) == 1
    assert best_and_tied("abcd", aucs, p)[0] in ("b", "c")
    assert np.isnan(p_of_the_best(aucs, np.zeros(4, bool), drawn)).all()
    assert p_of_the_best(aucs, np.eye(4, dtype=bool)[2], drawn)[2] == 1


@pytest.mark.parametrize("networks", [1, 3])
def test_identical_methods_are_tied_and_a_far_one_is_not(networks):
    random = np.random.default_rng(2)
    one = 5 + random.normal(size=(networks, 30))
    aucs = np.stack([one, one, random.normal(size=(networks, 30)) / 2])
    p = p_of_the_best(aucs, np.ones(3, bool), sampling(networks, 3, names(30), 0))
    assert p[:2].tolist() == [1.0, 1.0]
    assert p[2] < 0.05


@pytest.mark.parametrize(("methods", "freedom"), [(2, 4), (8, 63), (21, 4)])
def test_range_quantiles_are_those_of_the_studentized_range(methods, freedom):
    drawn = range_quantiles(methods, freedom)
    exact = stats.studentized_range.ppf(0.95, methods, freedom) / np.sqrt(2)
    assert np.quantile(drawn, 0.95) == pytest.approx(exact, rel=0.02)
    if methods == 2:
        assert exact == pytest.approx(stats.t.isf(0.025, freedom), rel=1e-6)


def test_the_p_of_crossed_pairs_is_5_percent_at_the_weighted_quantile():
    share = np.array([0.0, 0.3, 1.0])
    exact = [stats.studentized_range.ppf(0.95, 5, freedom) / np.sqrt(2) for freedom in (4, 63)]
    t = share * exact[0] + (1 - share) * exact[1]
    pairs = CrossedPairs(np.ones(3), t, share, networks=5, patients=64)
    assert pairs.p(np.ones(3, bool), 5) == pytest.approx(0.05, abs=0.003)
    assert pairs.p(np.array([True, False, True]), 5)[1] == 1
