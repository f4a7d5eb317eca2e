"""The oracle: every point perturbed alone."""

from typing import Any

import pytest
import torch
from ecglens.engine import noise_field
from ecglens.eval import Noise, oracle, perturbation_curve, prediction_change

from ...networks import Smooth, Window, exact_ecgs

X = 100 * torch.randn(2, 3, 40, generator=torch.Generator().manual_seed(3))


@pytest.mark.heavy
def test_of_a_linear_network_it_is_the_weighted_noise():
    net, ecgs = Window(), exact_ecgs(2)
    effects = oracle(net, ecgs.x, draws=3, noise=Noise(seed=4, records=ecgs.record))
    sd = 0.2 * (ecgs.x.amax((1, 2)) - ecgs.x.amin((1, 2)))[:, None, None]
    draws = [noise_field(4, ecgs.record, draw, (12, 600)) for draw in range(3)]
    expected = (torch.stack(draws).abs().mean(0) * sd * net.weights.detach()).abs()
    assert (effects - expected).abs().max() < 1e-3 * expected.max()


def test_it_is_the_slow_loop_over_points():
    net = Smooth(3).eval()
    effects = oracle(net, X, target=1, noise=Noise(share=0.1, seed=2, records=["a", "b"]))
    for number, name in enumerate("ab"):
        x = X[number]
        field = 0.1 * (x.max() - x.min()) * noise_field(2, [name], 0, (3, 40))[0]
        with torch.no_grad():
            for lead in range(3):
                for time in range(40):
                    perturbed = x.clone()
                    perturbed[lead, time] += field[lead, time]
                    moved = (net(perturbed[None]) - net(x[None]))[0, 1].abs()
                    assert abs(effects[number, lead, time] - moved) < 1e-4


def test_no_heatmap_moves_the_prediction_more_with_its_first_point():
    net = Smooth(3).eval()
    best = perturbation_curve(
        net, X, oracle(net, X, noise=Noise(seed=5)), steps=1, noise=Noise(seed=5)
    )
    others = torch.randn(20, *X.shape, generator=torch.Generator().manual_seed(1))
    for heatmap in others:
        other = perturbation_curve(net, X, heatmap, steps=1, noise=Noise(seed=5))
        assert (prediction_change(best) >= prediction_change(other) - 1e-5).all()


def test_an_ecgs_effects_do_not_depend_on_the_others():
    net = Smooth(3).eval()
    assert torch.equal(oracle(net, X)[1:], oracle(net, X[1:]))


def test_ecgs_of_another_type_and_arrays_are_taken_as_by_the_curves():
    net = Smooth(3).eval()
    given: list[Any] = [X.double(), X.numpy()]
    for x in given:
        assert torch.equal(oracle(net, x, draws=1), oracle(net, X, draws=1))


def test_a_wrong_number_of_names_or_no_draw_is_refused():
    with pytest.raises(ValueError, match="a name for each of 2 ECGs, got 1 names"):
        oracle(Smooth(3), X, noise=Noise(records=["a"]))
    with pytest.raises(ValueError, match="at least one draw"):
        oracle(Smooth(3), X, draws=0)
