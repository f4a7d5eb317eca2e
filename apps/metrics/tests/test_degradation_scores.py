"""The scores of curves against their papers written out, and in closed form."""

import numpy as np
import pytest
import torch
from ecglens_metrics.degradation import (
    MEASURES,
    aucs,
    degradation_score,
    f1s,
    score_drop,
    turned,
    window_stages,
)

RANDOM = np.random.default_rng(0)
# Falling outputs that end where the other order ends: what Suh's probabilities look like.
LAST = RANDOM.random((6, 1)) * 0.2
MOST, LEAST = (
    np.concatenate([one, LAST], 1)
    for one in (-np.sort(-(0.3 + RANDOM.random((6, 20))), axis=1) for _ in range(2))
)
MOST[:, 0] = LEAST[:, 0] = 1.5


def test_the_degradation_score_is_suhs_where_the_output_falls():
    area = []
    firsts, lasts = (float(np.mean([curve[at] for curve in MOST])) for at in (0, -1))
    for most, least in zip(MOST, LEAST, strict=True):
        steps = []
        for f_most, f_least in zip(most, least, strict=True):
            morf = (f_most - lasts) / (firsts - lasts)
            lerf = (f_least - lasts) / (firsts - lasts)
            steps.append(lerf - morf)
        area.append(sum(steps) / len(steps))
    np.testing.assert_allclose(degradation_score(MOST, LEAST), area, atol=1e-6)


def test_maps_by_chance_are_above_0_where_a_lead_ends_in_half_a_window():
    leads, time, found = 12, 600, []
    for seed in range(3):
        heatmap = torch.randn(leads, time, generator=torch.Generator().manual_seed(seed))
        stages, steps = window_stages(heatmap, seed, "ecg")
        # Every point counts the same, so that the output is the share that is left.
        curves = [
            1 - torch.bincount(hits.flatten(), minlength=steps + 1).cumsum(0)[None] / (leads * time)
            for hits in (stages, turned(stages, steps))
        ]
        found.append(degradation_score(*(curve.numpy() for curve in curves)).item())
    assert found == pytest.approx([0.0123] * 3, abs=1e-3)
    assert next(each for each in MEASURES if each.name == "degradation").chance is None


def test_one_window_that_decides_all_gives_nearly_1_and_the_other_order_the_same_below_0():
    first, last = np.zeros((1, 101)), np.full((1, 101), 5.0)
    first[0, 0], last[0, -1] = 5.0, 0.0
    assert degradation_score(first, last) == pytest.approx(99 / 101)
    assert degradation_score(last, first) == pytest.approx(-99 / 101)
    assert degradation_score(first, first) == 0
    assert np.isnan(degradation_score(np.ones((2, 4)), np.ones((2, 4)))).all()


def test_the_drop_of_a_probability_is_turbes():
    logits = RANDOM.standard_normal((5, 21)) * 2
    slow = [
        [
            max(-1.0, min(1.0, (p - q) / p))
            for p, q in ((1 / (1 + np.exp(-one[0])), 1 / (1 + np.exp(-f))) for f in one)
        ]
        for one in logits
    ]
    np.testing.assert_allclose(score_drop(logits, probability=True), slow, atol=1e-6)


def test_the_drop_of_another_output_is_its_change_beside_the_mean_whole_change():
    outputs = np.array([[100.0, 90.0, 140.0], [50.0, 50.0, 30.0]])
    expected = [[0, 10 / 30, 1], [0, 0, 20 / 30]]
    np.testing.assert_allclose(score_drop(outputs, probability=False), expected)


def test_areas_in_closed_form():
    share = np.linspace(0, 1, 21)[None]
    assert aucs(share, share) == pytest.approx(0.5)
    assert aucs(np.where(share > 0, 1.0, 0.0), share) == pytest.approx(1 - 0.05 / 2)
    half = share / 2  # only half of the points are ever replaced: level from there on
    assert aucs(share, half) == pytest.approx(0.25 + 0.5)


def test_f1s_is_the_harmonic_mean_and_never_below_0():
    top, bottom = np.array([0.8, 1.0, -0.2, 0.0]), np.array([0.4, 0.0, 0.1, 1.0])
    np.testing.assert_allclose(f1s(top, bottom), [2 * 0.8 * 0.6 / 1.4, 1, 0, 0])
