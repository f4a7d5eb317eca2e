import numpy as np
import pytest
from ecglens.eval.ranking.ranking import places
from ecglens.eval.statistics.resampling import resampled

NAMES = [f"{number:03d}" for number in range(30)]


def test_places_are_those_of_each_resample_in_one_network():
    aucs = np.array([1.0, 0.9, 0.2])[:, None, None] + np.random.default_rng(0).normal(
        size=(3, 1, 30)
    )
    found = places(aucs, NAMES, seed=4)
    firsts, seconds = [], []
    for weights in resampled(NAMES, 4):
        means = [float(weights @ one[0]) for one in aucs]
        order = sorted(range(3), key=lambda method: -means[method])
        firsts.append(order[0])
        seconds.append(order.index(1) + 1)
    assert found.first == pytest.approx([np.mean(np.array(firsts) == one) for one in range(3)])
    assert found.first.sum() == pytest.approx(1)
    expected = np.quantile(seconds, [0.025, 0.975], method="inverted_cdf")
    assert (found.low[1], found.high[1]) == tuple(expected)


def test_networks_that_disagree_widen_the_places():
    aucs = np.random.default_rng(1).normal(0, 0.1, size=(2, 4, 30))
    aucs[0] += np.array([3.0, -3.0, 3.0, -2.9])[:, None]
    found = places(aucs, NAMES, 0)
    assert found.first == pytest.approx([0.5, 0.5], abs=0.2)
    assert places(aucs[:, :1], NAMES, 0).first.tolist() == [1.0, 0.0]


def test_equal_methods_share_the_first_place():
    aucs = np.broadcast_to(np.arange(30.0), (2, 1, 30))
    found = places(aucs, NAMES, 0)
    assert found.first.tolist() == [0.5, 0.5]
    assert found.low.tolist() == [1.5, 1.5]
