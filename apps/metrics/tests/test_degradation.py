"""The evaluation on networks whose contributions are known."""

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens.eval import Evaluation, Finding, Networks, Subject, load_finding, save_finding
from ecglens.eval.chunks import Keeper
from ecglens.eval.heatmaps.probe import Probe
from ecglens.explain import find_all
from ecglens.store import Store
from ecglens_metrics.degradation import Degradation, degraded

from tests.eval.networks import Contribution, Smooth, Window, exact_ecgs

ECGS = 6


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def subject(store) -> Subject:
    methods = {"contribution": Contribution()}
    return Subject(exact_ecgs(ECGS), methods, store=store, progress=False)


@pytest.fixture(scope="module")
def finding(subject) -> Finding:
    return Degradation()(Networks([Window().eval()]), subject)


def test_the_contributions_of_a_linear_network_come_near_1_and_random_ones_near_0(finding):
    means = {name: float(scores.mean()) for name, scores in finding.scores["degradation"].items()}
    assert means["contribution"] > 0.8
    assert abs(means["random"]) < 0.25
    for measure in ("aucs_top", "f1s"):
        scores = {name: float(each.mean()) for name, each in finding.scores[measure].items()}
        assert scores["contribution"] > scores["random"]


def test_it_is_faithfulness_and_an_evaluation_that_comes_back(finding, tmp_path):
    assert {measure.about for measure in finding.measures} == {"faithfulness"}
    assert isinstance(Degradation(), Evaluation)
    again = load_finding(save_finding(finding, tmp_path))
    pd.testing.assert_frame_equal(again.table, finding.table)


def test_the_curves_are_those_of_ecgs_changed_by_hand(subject):
    net = Smooth().eval()
    probe = Probe(net, "smooth", subject)
    keeper = Keeper(subject.store, len(probe.chunks), lambda count: None)
    method = find_all(["saliency"])["saliency"]
    found = degraded(probe, method, Degradation(fill="zero", steps=4), keeper)
    x = subject.ecgs.x[2]
    with torch.no_grad():
        clean, gone = net(x[None])[0, 0], net(torch.zeros_like(x)[None])[0, 0]
    for name in ("windows_most", "windows_least"):
        assert found[name].shape == (ECGS, 39)
        np.testing.assert_allclose(found[name][2, [0, -1]], [clean, gone], rtol=1e-5)
    np.testing.assert_allclose(found["replaced"][2], [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(found["points_top"][:, -1], found["points_bottom"][:, -1], rtol=1e-5)
    assert (found["points_top"][:, 1] != found["points_bottom"][:, 1]).all()


def test_one_ecg_has_the_same_curves_in_any_company(subject, tmp_path):
    rules = Degradation("binary")
    each = []
    for one, folder in ((subject, tmp_path / "all"), (subject.first(1), tmp_path / "one")):
        probe = Probe(Window().eval(), "key", one)
        each.append(degraded(probe, Contribution(), rules, Keeper(Store(folder), 1, print)))
    for name in each[0]:
        np.testing.assert_array_equal(each[0][name][:1], each[1][name])


def test_a_binary_target_is_asked_for_its_probability(subject):
    finding = Degradation(kind="binary", steps=5)(Networks([Window().eval()]), subject)
    for by_method in finding.scores.values():
        assert all(np.isfinite(scores).all() for scores in by_method.values())
    with pytest.raises(ValueError, match="at least 1 step, got 0"):
        Degradation(steps=0)
    with pytest.raises(ValueError, match=r"degradation.fill to be one of 'mean', 'zero', got 'me'"):
        Degradation(fill="me")  # pyright: ignore[reportArgumentType]


def test_a_map_without_positive_relevance_takes_nothing(subject):
    class Negative(Contribution):
        def heatmap(self, net, x, target, context):
            return -x.abs()

    probe = Probe(Window().eval(), "key", subject)
    found = degraded(
        probe, Negative(), Degradation("binary", steps=5), Keeper(subject.store, 1, print)
    )
    assert (found["replaced"] == 0).all()
    np.testing.assert_array_equal(found["points_top"], found["points_top"][:, :1].repeat(6, 1))
