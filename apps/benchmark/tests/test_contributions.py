"""Maps against the truth of networks set by hand."""

import numpy as np
import pytest
from ecglens.explain import find_all
from ecglens.store import Store
from ecglens_benchmark.meta_evaluation import NETWORKS
from ecglens_benchmark.parts import contributions_outcome
from ecglens_benchmark.special_networks import Contributions, cosine

from .methods import Asking


def test_cosine_is_that_of_the_flattened_maps():
    maps, truth = np.random.default_rng(0).normal(size=(2, 3, 12, 20))
    truth[2] = 0
    found = cosine(maps, truth)
    for number in range(2):
        one, other = maps[number].ravel(), truth[number].ravel()
        assert found[number] == pytest.approx(one @ other / np.sqrt((one @ one) * (other @ other)))
    assert np.isnan(found[2])
    assert cosine(0 * maps, maps) == pytest.approx(0)


@pytest.mark.parametrize("method", ["integrated_gradients", "saliency"])
def test_the_truth_of_a_linear_network_is_met_by_contributions_and_slopes(method, tmp_path):
    found = {}
    for network in ("window", "edge"):
        evaluation = Contributions(network)
        found[network] = evaluation(*evaluation.of(find_all([method]), 8, Store(tmp_path)))
    values = found["window"].table.set_index("method")["value"]
    assert values[method] == pytest.approx(1.0, abs=1e-5)
    assert values["random"] < 0.1
    outcome = contributions_outcome(found)
    assert "above every control on 2 of 2 networks (0 refused)" in outcome.said
    assert outcome.verdict == "passes"


def test_a_network_that_is_refused_leaves_the_limit_open(tmp_path):
    found = {}
    for network in ("window", "product"):
        evaluation = Contributions(network)
        found[network] = evaluation(*evaluation.of(find_all(["lrp_epsilon"]), 8, Store(tmp_path)))
    outcome = contributions_outcome(found)
    assert "above every control on 1 of 1 networks (1 refused)" in outcome.said
    assert outcome.verdict == "cannot be said"


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_does_not_tell_its_truth_to_a_method(network, tmp_path):
    evaluation = Contributions(network)
    found = evaluation(*evaluation.of({"asking": Asking()}, 4, Store(tmp_path)))
    assert any("has no attribute 'truth'" in note for note in found.notes)
    assert "asking" not in found.scores["cosine"]


def test_a_method_that_is_right_on_no_network_is_not_tried(tmp_path):
    evaluation = Contributions("window")
    found = evaluation(*evaluation.of(find_all(["gradcam"]), 4, Store(tmp_path)))
    outcome = contributions_outcome({"window": found})
    assert (outcome.verdict, outcome.said) == ("not tried", "right on none of them")
    assert any("gradcam was left out" in note for note in outcome.notes)
