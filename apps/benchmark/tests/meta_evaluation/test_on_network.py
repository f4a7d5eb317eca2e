"""Validation at small size: a sound metric passes, broken metrics and broken maps are caught."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import R_INDEX, R_PEAK
from ecglens.engine import sample_ids
from ecglens.eval import POINTS as PROTOCOL
from ecglens.eval import (
    STORAS2025,
    Noise,
    Subject,
    area_under_curve,
    perturbation_curve,
    prediction_change,
    relative_error,
    score,
)
from ecglens.eval.ranking.outcome import draw_outcomes
from ecglens.explain import Method
from ecglens_benchmark.meta_evaluation import (
    BROKEN,
    METRICS,
    NETWORKS,
    Completeness,
    DoseResponse,
    PerturbationAuc,
    Samples,
    Thresholds,
    exact_ecgs,
    truth_of,
    validate,
)

SMALL = Thresholds(ecgs=16, sample=12, repeats=100, randoms=2, doses=(0.0, 0.5, 1.0))
ON_POINTS = PerturbationAuc(replace(PROTOCOL, draws=1))


@dataclass(frozen=True)
class Overlap:
    """The share of the 15 largest points of the truth among those of the map: it must be fit."""

    higher_is_better: ClassVar[bool] = True

    def __call__(self, net, x, heatmap, seed):
        def top(one):
            return one.abs().flatten(1) >= one.abs().flatten(1).topk(15).values[:, -1:]

        return (top(truth_of(net, x)) & top(heatmap)).sum(1) / 15


@dataclass(frozen=True)
class LowestFirst(Overlap):
    """The AUC of points with the points ranked from the lowest."""

    def __call__(self, net, x, heatmap, seed):
        return ON_POINTS(net, x, heatmap.abs().amax((1, 2), keepdim=True) - heatmap.abs(), seed)


@dataclass(frozen=True)
class Blind(Overlap):
    """The AUC of points of a map of its own."""

    def __call__(self, net, x, heatmap, seed):
        own = torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))
        return ON_POINTS(net, x, own, seed)


@dataclass(frozen=True)
class Still(Overlap):
    """The AUC of points with noise too small to move anything."""

    def __call__(self, net, x, heatmap, seed):
        return PerturbationAuc(replace(ON_POINTS.rules, noise=1e-12))(net, x, heatmap, seed)


@dataclass(frozen=True)
class Eager(Overlap):
    """Prefers some maps to others on all ECGs alike, whatever they say."""

    def __call__(self, net, x, heatmap, seed):
        return torch.full((len(x),), float(heatmap.sum()))


@pytest.mark.parametrize("rules", [PROTOCOL, STORAS2025], ids=lambda rules: rules.name)
def test_what_is_validated_is_the_area_under_the_perturbation_curve(rules):
    net, x = NETWORKS["product"], exact_ecgs(2)
    y, heatmap = net(x)[:, 0].double(), truth_of(net, x)
    expected = torch.zeros(2, dtype=torch.float64)
    for draw in range(rules.draws):
        curve = perturbation_curve(
            net, x, heatmap, steps=15, noise=Noise(seed=4, draw=draw)
        ).double()
        if rules.outcome == "change":
            errors = prediction_change(curve)
        else:
            errors = relative_error(curve, y.round())
        expected += area_under_curve(errors, 15) / rules.draws
    # The network computes in float32.
    found = PerturbationAuc(rules)(net, x, heatmap, 4)
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=0)


@dataclass(frozen=True)
class Truth(Method):
    """The true contributions as a method."""

    def heatmap(self, net: Any, x, target, context):
        return truth_of(net, x)


OF_SEGMENTS = [
    metric
    for metric in METRICS.values()
    if isinstance(metric, PerturbationAuc) and metric.rules.unit == "segment"
]


@pytest.mark.heavy
@pytest.mark.parametrize("metric", OF_SEGMENTS, ids=lambda metric: metric.rules.name)
def test_segments_on_trial_have_the_area_that_a_ranking_has(metric):
    net, x, rules = NETWORKS["window"], exact_ecgs(2), metric.rules
    ecgs = Batch(x, torch.ones(2, 1), torch.zeros(2, 600, dtype=torch.int8), [*sample_ids(x)])
    ecgs.segments[:, R_INDEX] = R_PEAK
    scores = score(net, Subject(ecgs, {"truth": Truth()}, seed=4), rules)
    areas = area_under_curve(torch.from_numpy(draw_outcomes(scores)["truth"]), rules.until)
    found = metric(net, x, truth_of(net, x), 4)
    torch.testing.assert_close(found, areas.mean(0), rtol=1e-6, atol=0)  # float32 of the network


def test_the_fall_of_a_logit_is_not_tried():
    with pytest.raises(ValueError, match="networks of the meta-evaluation have no classes"):
        PerturbationAuc(replace(PROTOCOL, outcome="logit"))


@pytest.fixture(scope="module")
def points_on_window():
    return validate(ON_POINTS, NETWORKS["window"], SMALL)


@pytest.mark.heavy
def test_the_score_of_points_is_fit_on_a_linear_window(points_on_window):
    assert points_on_window.fit, points_on_window.reasons
    assert points_on_window.power == 1
    assert points_on_window.false_alarms <= 0.05
    assert points_on_window.dropped == 0


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["shifted by 100 ms", "leads moved"])
def test_a_broken_method_is_caught(points_on_window, name):
    assert points_on_window.caught[name] == 1


@pytest.mark.heavy
def test_a_wrong_sign_is_not_seen_by_a_score_that_ranks_sizes(points_on_window):
    assert points_on_window.caught["signs scrambled"] == 0


def test_completeness_sees_the_sign_and_no_place():
    found = validate(Completeness(), NETWORKS["window"], SMALL)
    assert found.caught["signs scrambled"] == 1
    assert found.caught["shifted by 100 ms"] < 0.1
    assert any("noise does not lower it" in reason for reason in found.reasons)


@pytest.mark.heavy
@pytest.mark.parametrize("metric", [LowestFirst(), Blind(), Still(), Eager()], ids=repr)
def test_a_broken_metric_is_unfit(metric):
    found = validate(metric, NETWORKS["window"], SMALL)
    assert not found.fit
    assert found.power < 0.95 or any("does not lower" in reason for reason in found.reasons)


@pytest.mark.heavy
@pytest.mark.parametrize("name", NETWORKS)
def test_a_metric_that_knows_the_truth_is_fit_on_every_network(name):
    found = validate(Overlap(), NETWORKS[name], SMALL)
    assert found.fit, found.reasons


def test_where_three_leads_vote_disturbing_one_moves_nothing():
    net, x = NETWORKS["three votes"], exact_ecgs(8)
    curve = ON_POINTS(net, x, BROKEN["one lead only"](truth_of(net, x), 0, sample_ids(x)), 0)
    assert (curve <= 1e-3 * net(x)[:, 0].abs()).all()


def test_an_ecg_without_a_score_is_left_out_and_counted():
    class Gaps(Overlap):
        def __call__(self, net, x, heatmap, seed):
            scores = super().__call__(net, x, heatmap, seed)
            scores[0] = torch.nan
            return scores

    assert validate(Gaps(), NETWORKS["window"], SMALL).dropped == 1
    with pytest.raises(ValueError, match="at least 16 ECGs, got 15"):
        validate(Gaps(), NETWORKS["window"], replace(SMALL, sample=16))


def test_power_and_false_alarms_are_those_of_normal_scores():
    samples = Samples(Thresholds(ecgs=4000, sample=30, repeats=1000), seed=0)
    random = np.random.default_rng(0)
    control, noise = random.normal(size=(2, 4000))
    # The difference has mean 0.5 and SD 1: a t test of 30 at .05 finds it in 75 % of samples.
    assert samples.beats(control + noise + 0.5, control[None]) == pytest.approx(0.75, abs=0.05)
    # One of two sides.
    assert samples.false_alarms(random.normal(size=(4, 4000))) == pytest.approx(0.025, abs=0.015)


def test_the_dose_response_must_fall_at_every_step():
    noise = np.random.default_rng(1).normal(size=(4, 200))
    falling = np.array([3.0, 2.0, 1.0, 0.0])[:, None] + noise
    found = DoseResponse.of(falling, seed=0)
    np.testing.assert_allclose(found.losses, -np.diff(falling.mean(1)))
    assert found.falls(0.05)
    assert (found.low < found.losses).all()
    assert (found.losses < found.high).all()
    # A bend: the trend is there, one step is not.
    assert not DoseResponse.of(falling[[0, 2, 1, 3]], seed=0).falls(0.05)
    assert not DoseResponse.of(np.ones((4, 200)), seed=0).falls(0.05)
    assert DoseResponse.of(falling[::-1], seed=0).p > 0.95


def test_a_sample_larger_than_the_ecgs_is_refused():
    with pytest.raises(ValueError, match="a sample of 2 to 10 ECGs"):
        Thresholds(ecgs=10, sample=11)
