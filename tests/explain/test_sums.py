"""Methods that promise a sum, on networks where their maps miss it."""

import numpy as np
import pytest
import torch
from ecglens.explain import (
    Captum,
    ExpectedGradients,
    GradientShap,
    Inputs,
    InputXGradient,
    IntegratedGradients,
    attribute,
    context_of,
    find,
    lint,
    map_notes,
)
from ecglens.explain.sums import Sums, check_promise, missed_sum
from torch import Tensor, nn

from .networks import Linear, Residual, ecgs, filled, others

CAPTUM = Captum("captum.attr.IntegratedGradients")
SUMS = [IntegratedGradients(), GradientShap(), ExpectedGradients(samples=400), CAPTUM]


class OwnScale(nn.Module):
    """Divides each ECG by its own size: f(x/2) = f(x)."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x / (x.std((1, 2), keepdim=True) + 1e-6))


def note_of(method, net, x):
    inputs = Inputs(["a", "b", "c"], background=others())
    found = attribute(method, net, x, inputs=inputs)
    return "".join(map_notes(method, net, x, found, 0, context_of(method, x, 0, inputs))) or None


@pytest.mark.parametrize("method", [IntegratedGradients(), CAPTUM])
def test_integrated_gradients_from_0_are_refused_where_the_network_normalises(method):
    net = OwnScale(filled(Residual())).eval()
    with pytest.raises(ValueError, match=r"expected contributions that add up to .*freeze its"):
        attribute(method, net, ecgs())
    assert "add up" in (lint(net, ecgs()).left_out(method) or "")


def test_an_ecg_whose_output_hardly_changes_is_not_refused_for_rounding():
    """Alone as among others: 0.3 % of all that was added are steps along the line."""
    promised, added = torch.tensor([0.001]), torch.tensor([1.0])
    near, far = (Sums(promised, promised + missed, added) for missed in (0.003, 0.006))
    check_promise(near)
    assert missed_sum(near, "exact") is None
    with pytest.raises(ValueError, match="expected contributions that add up to"):
        check_promise(far)
    assert missed_sum(far, "exact") is not None


def test_where_nothing_is_promised_nothing_is_refused():
    net, x = OwnScale(filled(Residual())).eval(), ecgs()
    assert attribute(IntegratedGradients(multiply_by_inputs=False), net, x).shape == x.shape
    assert note_of(InputXGradient(), net, x) is None


def test_gradient_shap_that_misses_all_of_its_sum_says_so():
    note = note_of(GradientShap(), OwnScale(filled(Residual())).eval(), ecgs())
    assert note is not None
    assert note.startswith(
        "misses the sum that its maps promise by 100\u00a0% of it (median of 3 ECGs)"
    )


def test_few_steps_that_miss_some_of_the_sum_are_told_by_how_much():
    class Saturated(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.tanh(x.mean((1, 2)))[:, None]

    z = torch.tensor([2.0, 20.0, 25.0])  # the means of three constant ECGs
    x = z[:, None, None].expand(3, 12, 40).contiguous()
    nodes, weights = np.polynomial.legendre.leggauss(4)
    slopes = 1 - np.tanh(np.outer(z.numpy(), (nodes + 1) / 2)) ** 2
    missed = abs(z.numpy() * (slopes @ weights) / 2 / np.tanh(z.numpy()) - 1)
    method = IntegratedGradients(steps=4)
    found = attribute(method, Saturated().eval(), x)

    def told(ecgs: slice) -> str | None:
        context = context_of(method, x[ecgs], 0, Inputs())
        told = map_notes(method, Saturated().eval(), x[ecgs], found[ecgs], 0, context)
        return "".join(told) or None

    assert missed[0] < 0.05 < missed[1] < missed[2]
    assert f"by {100 * missed[2]:.0f}\u00a0% of it" in (told(slice(2, 3)) or "")
    assert told(slice(0, 1)) is None


@pytest.mark.parametrize("method", SUMS, ids=str)
@pytest.mark.parametrize("kind", [Residual, Linear])
def test_on_a_sound_network_there_is_nothing_to_say(method, kind):
    assert note_of(method, filled(kind()), ecgs()) is None


def test_expected_gradients_promise_the_change_from_the_mean_of_others():
    net, x, method = filled(Linear()), ecgs(), find("expected_gradients", samples=2000)
    found = attribute(method, net, x, inputs=Inputs(background=others())).sum((1, 2))
    with torch.no_grad():
        expected = (net(x) - net(others()).mean(0))[:, 0]
    assert (found - expected).abs().max() < 0.1 * expected.abs().max()
