"""Faults that raise no error of their own: the map that captum or autograd gives, and the true one.

Each network is refused by the linter, or its ReLUs are written in a way that captum passes over
and our methods do not (test_relu_rule, test_rescale_rule).
"""

import captum.attr
import pytest
import torch
from ecglens.explain import IntegratedGradients, attribute, input_gradient, lint
from ecglens.explain.checks.discontinuities import may_have_steps
from torch import nn
from torch.nn import functional

from .networks import LEADS, TIME, Linear, Residual, WithReusedReLU, ecgs, filled


def autograd(net, x, target=0):
    """What a script without a linter computes."""
    given = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(net(given)[:, target].sum(), given)
    return gradient


def by_differences(net, x, points, step=0.5):
    """The true slope of each ECG's own output at some points (lead, time), one ECG at a time."""
    slopes = torch.empty(len(x), len(points))
    for number, one in enumerate(x):
        for column, (lead, time) in enumerate(points):
            move = torch.zeros_like(one)
            move[lead, time] = step
            with torch.no_grad():
                up, down = (net((one + sign * move)[None])[0, 0] for sign in (1, -1))
            slopes[number, column] = (up - down) / (2 * step)
    return slopes


def at(heatmap, points):
    return torch.stack([heatmap[:, lead, time] for lead, time in points], dim=1)


def refusal(net, x=None, target=0):
    (error,) = lint(net, ecgs() if x is None else x, target).errors
    return error


POINTS = [(0, 5), (3, 20), (10, 33)]


def test_in_training_mode_captum_explains_another_network_and_changes_this_one():
    net, x = filled(Residual()), ecgs()
    true = attribute("saliency", net, x)
    statistics = net.norm1.get_buffer("running_mean").clone()
    wrong = captum.attr.Saliency(net.train()).attribute(
        x.clone().requires_grad_(), target=0, abs=False
    )
    assert (wrong - true).abs().max() > 0.5 * true.abs().max()
    assert not torch.equal(net.norm1.get_buffer("running_mean"), statistics)
    assert "evaluation mode" in refusal(net)


def test_a_reused_relu_stops_captums_deeplift_and_not_ours():
    net, x = filled(WithReusedReLU()), ecgs()
    with pytest.warns(UserWarning, match="hooks"), pytest.raises(RuntimeError):
        captum.attr.DeepLift(net).attribute(x.clone().requires_grad_(), target=0)
    same = attribute("deeplift", filled(Residual()), x)
    torch.testing.assert_close(attribute("deeplift", filled(WithReusedReLU()), x), same)


class Transposed(Residual):
    def forward(self, x):
        return super().forward(x).T


def test_an_output_of_targets_by_ecgs_gives_one_ecg_everything():
    net, x = filled(Transposed()), ecgs(2)  # two ECGs and two targets: no shape is wrong
    wrong = autograd(net, x)  # of column 0: both targets of the first ECG
    true = attribute("saliency", filled(Residual()), x)
    assert (wrong[1] == 0).all()
    assert (true[1] != 0).any()
    assert (wrong[0] - true[0]).abs().max() > 0.1 * true[0].abs().max()
    assert "shape (batch, n_targets)" in refusal(net, x)


class Saturated(Residual):
    def forward(self, x):
        return super().forward(x).mul(1e4).sigmoid()


def test_a_constant_output_ranks_the_points_as_they_lie_in_memory():
    net, x = filled(Saturated()), ecgs()
    wrong = autograd(net, x)
    assert (wrong == 0).all()
    first = wrong.abs().flatten(1).argsort(dim=1, descending=True, stable=True)[:, :15]
    assert (first == torch.arange(15)).all()  # lead I from its beginning
    assert "gradient of exactly 0" in refusal(net)


class ScaledByDetached(Residual):
    """Divides by the ECG's own size, which autograd is told not to see."""

    def forward(self, x):
        size = x.abs().mean(dim=(1, 2), keepdim=True).detach()
        return super().forward(30 * x / size)


class CentredByDetached(Linear):
    def forward(self, x):
        return super().forward(x - x.mean(dim=-1, keepdim=True).detach())


@pytest.mark.parametrize("kind", [ScaledByDetached, CentredByDetached])
def test_a_part_that_is_detached_leaves_a_map_with_wrong_slopes(kind):
    net, x = filled(kind()), ecgs()
    wrong, true = at(autograd(net, x), POINTS), by_differences(net, x, POINTS)
    assert (wrong - true).abs().max() > 0.05 * true.abs().max()
    assert "says how the output changes" in refusal(net)


def test_a_backward_hook_that_was_left_behind_bends_every_map():
    net, x = filled(Residual()), ecgs()
    true = by_differences(net, x, POINTS)
    torch.testing.assert_close(at(autograd(net, x), POINTS), true, rtol=0.05, atol=0.01)
    # As captum's Guided Backprop leaves it when an exception comes between.
    net.relu1.register_full_backward_hook(lambda module, got, gave: (got[0].clamp(min=0),))
    wrong = at(autograd(net, x), POINTS)
    assert (wrong - true).abs().max() > 0.1 * true.abs().max()
    assert "backward hooks left behind" in refusal(net)


class Remembering(Residual):
    """Subtracts the mean of the batch before."""

    def __init__(self):
        super().__init__()
        self.register_buffer("before", torch.zeros(LEADS, TIME))

    def forward(self, x):
        y = super().forward((x - self.before).tanh() * 3)
        self.before = x.detach().mean(0)
        return y


class RememberingTheFirst(Residual):
    """Takes its scale from the first batch that it sees, and keeps it."""

    scale = None

    def forward(self, x):
        if self.scale is None:
            self.scale = x.detach().abs().mean()
        return super().forward(x / self.scale)


@pytest.mark.parametrize("kind", [Remembering, RememberingTheFirst])
def test_a_hidden_state_makes_the_map_depend_on_what_came_before(kind):
    x = ecgs()
    true = autograd(filled(kind()), x)
    used = filled(kind())
    used(-5 * x)
    wrong = autograd(used, x)
    assert (wrong - true).abs().max() > 0.1 * true.abs().max()
    assert "the same output in every call" in refusal(filled(kind()))


def test_a_network_that_keeps_its_activations_is_no_fault():
    class Keeping(Residual):
        def forward(self, x):
            self.kept = self.conv1(x)
            return super().forward(x)

    net, x = filled(Keeping()), ecgs()
    net(x)  # what it keeps has a graph, which torch does not copy
    assert lint(net, x).errors == ()


class BranchOnTheBatch(Residual):
    def forward(self, x):
        return super().forward(x if x.mean() > 0 else -x)


def test_a_branch_on_the_batch_gives_an_ecg_the_map_of_its_company():
    net, x = filled(BranchOnTheBatch()), ecgs()
    x = x - x.mean(dim=(1, 2), keepdim=True) + 1
    alone = autograd(net, x[:1])[0]
    among = autograd(net, torch.cat([x[:1], -10 * x]))[0]
    assert (among - alone).abs().max() > 0.1 * alone.abs().max()
    assert "its own ECG alone" in refusal(net, x)


class Branch(Linear):
    """Adds 50 where the mean of the ECG is above 2 µV; an ECG by itself in python."""

    def forward(self, x):
        more = [50.0 if one.mean() > 2 else 0.0 for one in x]
        return super().forward(x) + torch.tensor(more)[:, None]


class BranchBehindTorch(Linear):
    """The same, decided where torch does not look."""

    def forward(self, x):
        means = x.detach().mean(dim=(1, 2)).numpy()
        return super().forward(x) + torch.from_numpy(50.0 * (means > 2)).float()[:, None]


@pytest.mark.parametrize("kind", [Branch, BranchBehindTorch])
def test_a_branch_on_the_signal_is_missing_in_the_map(kind):
    net, x = filled(kind()), ecgs()
    x = x - x.mean(dim=(1, 2), keepdim=True) + 5  # µV: on the way from 0 it passes 2
    with torch.no_grad():
        change = (net(x) - net(0 * x))[:, 0]
    means = attribute(IntegratedGradients(multiply_by_inputs=False), net, x)
    for found in (x * means, attribute("input_x_gradient", net, x)):
        missed = change - found.sum((1, 2))
        torch.testing.assert_close(missed, torch.full((3,), 50.0), atol=0.1, rtol=0)
    with pytest.raises(ValueError, match="expected contributions that add up to"):
        attribute("integrated_gradients", net, x)
    assert "a discontinuity of 50" in refusal(net, x)
    assert "from 0 µV to the ECG" in refusal(net, x)


class AroundTheHighest(nn.Module):
    """The sum of lead II over 5 samples before the highest sample of lead I: read, not learnt."""

    def forward(self, x):
        peak = x[:, 0, 5:].argmax(dim=1, keepdim=True) + 5
        return x[:, 1].gather(1, peak - torch.arange(1, 6)).sum(1, keepdim=True)


def test_an_argmax_decides_and_its_lead_gets_nothing():
    net, x = AroundTheHighest().eval(), ecgs()
    x[:, 0] = 0.0
    x[:, 0, 12], x[:, 0, 30] = 101.0, 100.0
    wrong = autograd(net, x)
    assert (wrong[:, 0] == 0).all()
    moved = x.clone()
    moved[:, 0, 12] -= 2.0  # µV: the other peak is the highest now
    assert (net(moved) - net(x)).abs().min() > 0.5
    assert "a discontinuity of" in refusal(net, ecgs())


def test_comparisons_without_a_discontinuity_are_no_fault():
    class Written(Residual):
        def rectify1(self, x):
            return torch.where(x > 0, x, 0 * x)

        def rectify2(self, x):
            return functional.max_pool1d(x, 3, 1, 1) if x.shape[-1] > 3 else x

    net, x = filled(Written()), ecgs()
    assert may_have_steps(net, x[:1])
    assert lint(net, x).errors == ()
    assert not may_have_steps(filled(Residual()), x[:1])


class MaskedMean(Linear):
    """A mean over the samples that are not 0: what was padded is left out."""

    def forward(self, x):
        there = (x != 0).any(1, keepdim=True)
        return ((3.0 + x.mean(1, keepdim=True)) * there).sum(-1) / there.sum(-1).clamp(min=1)


def test_a_mean_over_what_is_not_padded_is_no_fault():
    x = ecgs()
    assert lint(MaskedMean().eval(), x).errors == ()
    x[:, :, 20:], x[0, :, 20:25] = 0.0, 1.0  # padded to one length, as recordings of two lengths
    assert may_have_steps(MaskedMean().eval(), x[:1])
    assert lint(MaskedMean().eval(), x).errors == ()


class StraightThrough(Residual):
    """Rounds its output and sends the gradient back as if it did not (Bengio 2013)."""

    step = 5.0

    def forward(self, x):
        y = super().forward(x)
        return y + ((y / self.step).round() * self.step - y).detach()


def test_a_rounding_that_the_gradient_denies_gives_a_map_of_another_network():
    net, x = filled(StraightThrough()), ecgs()
    assert (at(autograd(net, x), POINTS).abs() > 1e-3).any()
    assert (by_differences(net, x, POINTS, step=0.01) == 0).all()
    assert "says how the output changes" in refusal(net)


def test_steps_that_no_reader_would_see_are_no_fault():
    net = filled(StraightThrough())
    net.step = 0.01  # of an output that changes by tens
    assert lint(net, ecgs()).errors == ()


def test_the_gradient_of_a_sound_network_is_the_slope():
    net, x = filled(Residual()), ecgs()
    found = at(input_gradient(net, x, 0), POINTS)
    torch.testing.assert_close(found, by_differences(net, x, POINTS), rtol=0.05, atol=0.01)
