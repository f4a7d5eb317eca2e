import captum.metrics
import numpy as np
import pytest
import torch
from ecglens_metrics.axiom_numbers import alike, completeness_gap, sensitivity_max, share_of

from tests.eval.evaluations.sanity.networks import rho
from tests.eval.networks import Smooth

RNG = np.random.default_rng(0)
MAPS = RNG.normal(size=(3, 12, 60)).astype(np.float32)


def test_sensitivity_max_is_captums():
    net = Smooth().eval()
    x = 100 * torch.randn(3, 12, 60, generator=torch.Generator().manual_seed(1))
    noise = 10 * torch.randn(3, 4, 12, 60, generator=torch.Generator().manual_seed(2))

    def explain(given):
        each = (given[0] if isinstance(given, tuple) else given).clone()
        with torch.enable_grad():
            found = torch.autograd.grad(net(each.requires_grad_())[:, 0].sum(), each)
        return found if isinstance(given, tuple) else found[0]

    theirs = captum.metrics.sensitivity_max(
        explain, x, lambda given, _: given + noise.flatten(0, 1), n_perturb_samples=4
    )
    noisy = np.stack([explain(x + noise[:, copy]).numpy() for copy in range(4)])
    assert sensitivity_max(explain(x).numpy(), noisy) == pytest.approx(theirs.numpy(), rel=1e-5)


def test_sensitivity_max_is_the_largest_of_slow_norms():
    noisy = MAPS + RNG.normal(size=(4, 3, 12, 60)).astype(np.float32)
    for ecg, found in enumerate(sensitivity_max(MAPS, noisy)):
        own = [float(value) for value in MAPS[ecg].ravel()]
        slow = max(
            sum((float(a) - b) ** 2 for a, b in zip(copy[ecg].ravel(), own, strict=True))
            for copy in noisy
        )
        assert found == pytest.approx((slow / sum(value**2 for value in own)) ** 0.5, rel=1e-6)


def test_the_gap_is_0_for_a_map_that_adds_up_and_1_for_one_of_nothing():
    total = MAPS.astype(float).sum((1, 2))
    assert completeness_gap(MAPS, total) == pytest.approx(0.0)
    assert completeness_gap(MAPS, -total) == pytest.approx(1.0)
    assert completeness_gap(0 * MAPS, total) == pytest.approx(1.0)
    assert completeness_gap(MAPS, 3 * total) == pytest.approx(0.5)
    assert np.isnan(completeness_gap(0 * MAPS, np.zeros(3))).all()


def test_agreement_is_the_rank_correlation_of_sizes():
    other = MAPS + RNG.normal(size=MAPS.shape).astype(np.float32)
    for ecg, found in enumerate(alike(MAPS, other)):
        assert found == pytest.approx(rho(abs(MAPS[ecg]).ravel(), abs(other[ecg]).ravel()))
    assert alike(MAPS, -2 * MAPS) == pytest.approx(1.0)


def test_the_share_of_a_lead():
    maps = np.ones((2, 12, 60), np.float32)
    maps[1, 7] = -12 - 1
    assert share_of(maps, np.array([3, 7])) == pytest.approx([1 / 12, 13 / 24])
    assert np.isnan(share_of(0 * maps, np.array([3, 7]))).all()
