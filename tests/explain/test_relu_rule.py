"""Guided Backprop and Deconvolution: the rule itself, and every way of writing a ReLU."""

import captum.attr
import pytest
import torch
from ecglens.explain import attribute
from torch import nn

from .networks import (
    Linear,
    Residual,
    SkipAroundReLU,
    SkipAroundReLUInPlace,
    WithClamp,
    WithFunctionalReLU,
    WithGelu,
    WithMethodReLU,
    WithReLUInPlace,
    WithReusedReLU,
    ecgs,
    filled,
)

PAIRS = [
    ("guided_backprop", captum.attr.GuidedBackprop),
    ("deconvolution", captum.attr.Deconvolution),
]
RULES = ["guided_backprop", "deconvolution"]


def from_captum(method, net, x):
    with pytest.warns(UserWarning, match="Setting backward hooks on ReLU"):
        return method(net).attribute(x.clone().requires_grad_(), target=0).detach()


def test_the_rules_on_two_layers_written_out():
    net = nn.Sequential(nn.Flatten(), nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)).eval()
    net[1].weight.data = torch.tensor([[1.0, 2.0], [3.0, -4.0], [5.0, 6.0]])
    net[1].bias.data = torch.tensor([0.0, 0.0, -20.0])
    net[3].weight.data = torch.tensor([[-1.0, 7.0, 2.0]])
    x = torch.tensor([[[1.0, 0.5]]])  # the hidden units get 2, 1, −12: the third is closed
    # Unit 1 lowers the output, unit 2 is open and raises it, unit 3 is closed and would raise it.
    assert attribute("saliency", net, x).tolist() == [[[-1 + 21, -2 - 28]]]
    assert attribute("guided_backprop", net, x).tolist() == [[[21, -28]]]
    assert attribute("deconvolution", net, x).tolist() == [[[21 + 10, -28 + 12]]]


@pytest.mark.parametrize(("name", "reference"), PAIRS)
@pytest.mark.parametrize("kind", [Residual, WithReusedReLU])
def test_they_equal_captum_where_the_relus_are_modules(name, reference, kind):
    net, x = filled(kind()), ecgs()
    torch.testing.assert_close(attribute(name, net, x), from_captum(reference, net, x))


class WithKeywords(Residual):
    def rectify2(self, x):
        return nn.functional.relu(inplace=True, input=x)


WRITTEN_OTHERWISE = [
    WithFunctionalReLU,
    WithKeywords,
    WithMethodReLU,
    WithReusedReLU,
    WithReLUInPlace,
]


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("kind", WRITTEN_OTHERWISE)
def test_the_way_a_relu_is_written_changes_nothing(name, kind):
    x = ecgs()
    found = attribute(name, filled(kind()), x)
    torch.testing.assert_close(found, attribute(name, filled(Residual()), x))


@pytest.mark.parametrize(("name", "reference"), PAIRS)
def test_captum_is_silently_wrong_on_a_functional_relu(name, reference):
    x = ecgs()
    right = attribute(name, filled(WithFunctionalReLU()), x)
    wrong = from_captum(reference, filled(WithFunctionalReLU()), x)
    assert (wrong - right).abs().max() > 0.1 * right.abs().max()


@pytest.mark.parametrize("name", RULES)
def test_the_gradient_of_a_skip_around_a_relu_is_left_alone(name):
    # With the ReLU's own branch cut off, only the skip is left: a linear path.
    net, x = filled(SkipAroundReLU()), ecgs()
    net.norm2.weight.data.zero_()
    torch.testing.assert_close(attribute(name, net, x), attribute("saliency", net, x))


def test_captum_is_silently_wrong_on_a_skip_around_a_relu():
    net, x = filled(SkipAroundReLU()), ecgs()
    net.norm2.weight.data.zero_()
    wrong = from_captum(captum.attr.Deconvolution, net, x)
    assert (wrong == 0).all()  # the skip's gradient is thrown away
    assert (attribute("deconvolution", net, x) != 0).any()


@pytest.mark.parametrize("name", RULES)
def test_a_relu_in_place_keeps_the_meaning_it_has_in_the_network(name):
    class WrittenOut(SkipAroundReLU):
        def forward(self, x):
            x = self.rectify1(self.norm1(self.conv1(x)))
            x = x + self.rectify2(self.norm2(self.conv2(x)))
            return self.head(x.mean(-1))

    x = ecgs()
    found = attribute(name, filled(SkipAroundReLUInPlace()), x)
    torch.testing.assert_close(found, attribute(name, filled(WrittenOut()), x))


@pytest.mark.parametrize("name", [*RULES, "guided_gradcam"])
@pytest.mark.parametrize(("kind", "activation"), [(WithGelu, "Gelu"), (WithClamp, "Clamp")])
def test_another_activation_is_refused_by_name(name, kind, activation):
    with pytest.raises(ValueError, match=f"expected ReLU activations, got {activation}"):
        attribute(name, filled(kind()), ecgs())


def test_a_relu_out_of_reach_of_the_rule_is_refused():
    class WithOperator(Residual):
        def rectify2(self, x):
            return torch.ops.aten.relu.default(x)

    with pytest.raises(ValueError, match="got Relu"):
        attribute("guided_backprop", filled(WithOperator()), ecgs())


def test_a_relu_by_its_operator_is_a_relu():
    class WithOperator(Residual):
        def rectify2(self, x):
            return torch.ops.aten.relu(x)

    expected = attribute("guided_backprop", filled(Residual()), ecgs())
    assert torch.equal(attribute("guided_backprop", filled(WithOperator()), ecgs()), expected)


class OwnSwish(Residual):
    """As ECGFounder writes it."""

    def rectify1(self, x):
        return x * torch.sigmoid(x)

    rectify2 = rectify1


class OwnRectifier(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, *gradients):
        (x,) = ctx.saved_tensors
        return gradients[0] * (x > 0)


class OwnFunction(Residual):
    def rectify1(self, x):
        return OwnRectifier.apply(x)

    rectify2 = rectify1


class ByWhere(Residual):
    def rectify1(self, x):
        return torch.where(x > 0, x, 0.0)


class ByMask(Residual):
    def rectify1(self, x):
        return x * (x > 0)


class ByMaskOfNumbers(Residual):
    def rectify1(self, x):
        return x * (x > 0).float()


class ByFilling(Residual):
    def rectify1(self, x):
        return x.masked_fill(x < 0, 0.0)


class ByIndex(Residual):
    def rectify1(self, x):
        x = x.clone()
        x[x < 0] = 0.0
        return x


class Glu(Residual):
    def rectify1(self, x):
        return nn.functional.glu(torch.cat([x, x], 1), 1)


class Tanh(Residual):
    def rectify1(self, x):
        return torch.tanh(x)

    rectify2 = rectify1


@pytest.mark.parametrize("name", [*RULES, "guided_gradcam"])
@pytest.mark.parametrize(
    ("kind", "named"),
    [
        (OwnSwish, r"got x · sigmoid\(x\)"),
        (OwnFunction, "got OwnRectifier"),
        (ByWhere, "got Where"),
        (ByMask, "got x · mask"),
        (ByMaskOfNumbers, "got x · mask"),
        (ByFilling, "got MaskedFill"),
        (ByIndex, "got IndexPut"),
        (Glu, "got Glu"),
        (Tanh, "got a network without one"),
    ],
)
def test_where_the_rule_replaces_nothing_it_is_refused_by_name(name, kind, named):
    with pytest.raises(ValueError, match=f"expected ReLU activations.*{named}"):
        attribute(name, filled(kind()), ecgs())


def test_a_mask_of_padding_is_no_rectifier():
    class Padded(Residual):
        def rectify1(self, x):
            inside = torch.arange(x.shape[-1]) < 30
            return self.relu1(x) * inside * torch.where(inside, 1.0, 0.0)

    assert attribute("guided_backprop", filled(Padded()), ecgs()).abs().max() > 0


@pytest.mark.parametrize("name", RULES)
def test_on_a_linear_network_there_is_nothing_to_replace(name):
    net = filled(Linear())
    assert torch.equal(attribute(name, net, ecgs()), attribute("saliency", net, ecgs()))
