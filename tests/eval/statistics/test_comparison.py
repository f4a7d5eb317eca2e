import numpy as np
import pytest
from ecglens.eval.statistics.comparison import Bootstrap, equivalent, sampling
from ecglens.eval.statistics.crossed import Crossed
from ecglens.eval.statistics.resampling import superiority


def patients(ecgs):
    return [str(number) for number in range(ecgs)]


def scores(means, spread, ecgs, seed, networks=1):
    """AUCs (method, network, ecg) around these means."""
    random = np.random.default_rng(seed)
    return np.array(means)[:, None, None] + random.normal(0, spread, (len(means), networks, ecgs))


def test_one_network_is_resampled_and_several_are_crossed():
    assert isinstance(sampling(1, 3, patients(5), 0), Bootstrap)
    assert isinstance(sampling(2, 3, patients(5), 0), Crossed)


@pytest.mark.parametrize("networks", [1, 5])
def test_only_what_is_surely_within_the_margin_is_equivalent(networks):
    # The way from random (0) to the best (10) makes a margin of 1.
    means, ecgs = [10.0, 9.9, 9.2, 8.5, 10.3, 11.5], 400
    drawn = sampling(networks, len(means), patients(ecgs), 0)
    random = scores([0.0], 1, ecgs, 1, networks)[0]

    def found(spread):
        aucs = scores(means, spread, ecgs, 2, networks)
        return equivalent(aucs, aucs[0], random, 0.1, drawn).tolist()

    assert found(0.5) == [True, True, True, False, True, False]
    # The same means, too uncertain to say so.
    assert not any(found(30.0)[1:])


@pytest.mark.parametrize("networks", [1, 4])
def test_a_method_at_the_margin_is_called_equivalent_in_5_percent(networks):
    drawn = sampling(networks, 1, patients(40), 0)
    called = []
    for seed in range(400):
        best, other, random = scores([10.0, 9.0, 0.0], 1, 40, seed, networks)
        called.append(equivalent(other[None], best, random, 0.1, drawn)[0])
    # Binomial SD of 400 trials at 5 %: 1.1 %.
    assert np.mean(called) < 0.085


def test_superiority_is_the_share_of_ecgs_and_half_of_the_ties():
    methods = np.array([[1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 9.0]])
    found = superiority(methods, np.array([0.0, 2.0, 4.0, 4.0]))
    assert found.tolist() == [0.5, 0.5 * 1 / 4 + 1 / 4]
