from itertools import combinations

import numpy as np
import pytest
from ecglens.eval.statistics.bootstrap import Bootstrap, CrossedPairs, range_quantiles
from ecglens.eval.statistics.comparison import best_and_tied, p_of_the_best, sampling
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
    def exact(freedom):
        return stats.studentized_range.ppf(0.95, 5, freedom) / np.sqrt(2)

    # Networks add 2 on average; the first and second pair are below it, the third has its own 6.
    patient, more = np.array([1.0, 3.0, 4.0]), np.array([-1.0, 1.0, 6.0])
    used = np.array([2.0, 2.0, 6.0])
    share = used / (patient + used)
    of_networks = np.array([exact(16), exact(16), exact(4)])
    t = share * of_networks + (1 - share) * exact(63)
    mean = t * np.sqrt((patient + used) / (5 * 64))
    pairs = CrossedPairs(mean, patient, more, networks=5, patients=64)
    assert pairs.p(np.ones(3, bool), 5) == pytest.approx(0.05, abs=0.003)
    assert pairs.p(np.array([True, False, True]), 5)[1] == 1
    assert pairs.t == pytest.approx(
        mean / np.sqrt((patient + np.array([0.0, 1.0, 6.0])) / (5 * 64))
    )


def test_two_methods_over_networks_are_told_apart_as_one_difference_is():
    random = np.random.default_rng(3)
    aucs = random.normal([[[0.0]], [[0.4]]], 1, size=(2, 4, 60)) + random.normal(size=(2, 4, 1)) / 9
    drawn = sampling(4, 2, names(60), 0)
    alone = float(drawn.p(aucs[1] - aucs[0]))
    # Apart from the patients' skewness and the simulated quantiles the same test.
    assert p_of_the_best(aucs, np.ones(2, bool), drawn).min() == pytest.approx(alone, abs=0.005)


@pytest.mark.heavy
@pytest.mark.parametrize("networks", [1, 3])
def test_equal_methods_are_told_from_the_best_in_5_percent_of_studies(networks):
    random = np.random.default_rng(networks)
    drawn = sampling(networks, 6, names(24), 0)
    false = 0
    for _ in range(150):
        aucs = random.normal(size=(6, networks, 24)) + random.normal(size=(6, 1, 24))
        aucs = aucs + (networks > 1) * random.normal(0, 0.4, size=(6, networks, 1))
        false += bool((p_of_the_best(aucs, np.ones(6, bool), drawn) < 0.05).any())
    # Binomial: more than 14 of 150 at 5 % in 1.4 % of runs; 20 % would give 30.
    assert false <= 14
