"""Layouts, and the output that is explained."""

import re
from collections import namedtuple
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from ecglens import rank_methods
from ecglens.datamodules import target_of
from ecglens.engine import accelerate, setting_of
from ecglens.explain import attribute, lint
from ecglens.inputs import own_of
from ecglens.models import InputSpec
from torch import Tensor, nn

X = 100 * torch.randn(3, 12, 40, generator=torch.manual_seed(0))


class Body(nn.Module):
    """Five numbers of each ECG: smooth functions of its leads."""

    def forward(self, z: Tensor) -> Tensor:
        return torch.tanh(z[:, :5].mean(2) / 100) * 3


class Returns(nn.Module):
    """What `make` makes of the five numbers."""

    def __init__(self, make: Any) -> None:
        super().__init__()
        self.body, self.make = Body(), make

    def forward(self, z: Tensor) -> Any:
        return self.make(self.body(z))


class Layout(nn.Module):
    """The input as it arrives, one number of each part."""

    def forward(self, z: Tensor) -> Tensor:
        return z.flatten(1)


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("lead time", X.flatten(1)),
        ("time lead", X.transpose(1, 2).flatten(1)),
        ("concatenated", X.flatten(1)),
        ("1 lead time", X.flatten(1)),
    ],
)
def test_layouts(layout: str, expected: Tensor):
    net = InputSpec.from_plain({"layout": layout}).adapt(Layout())
    torch.testing.assert_close(net(X), expected)


@pytest.mark.parametrize(("name", "ndim"), [("concatenated", 2), ("1 lead time", 4)])
def test_layouts_have_their_number_of_axes(name: str, ndim: int):
    seen: list[Tensor] = []
    layout = Layout()
    layout.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    InputSpec.from_plain({"layout": name}).adapt(layout)(X)
    assert seen[0].ndim == ndim


@pytest.mark.parametrize(
    ("make", "settings", "columns"),
    [
        (lambda y: y, {}, slice(None)),
        (lambda y: y, {"column": 3}, slice(3, 4)),
        (lambda y: {"a": y[:, :1], "logits": y}, {"output": "logits"}, slice(None)),
        (lambda y: (y, y[:, 0]), {"output": 1}, slice(0, 1)),
        (lambda y: y[:, 2], {}, slice(2, 3)),
        (lambda y: [y[:, :2], y], {"output": 0, "column": 1}, slice(1, 2)),
    ],
)
def test_the_output_is_found_wherever_it_lies(make: Any, settings: dict[str, Any], columns: slice):
    net = InputSpec.from_plain(settings).adapt(Returns(make))
    torch.testing.assert_close(net(X), Body()(X)[:, columns])


def squeezed_gate(y: Tensor) -> Tensor:
    """A probability behind an earlier sigmoid, which is a gate and stays."""
    return torch.sigmoid(y * torch.sigmoid(2 * y))


@pytest.mark.parametrize(
    ("make", "kind", "expected"),
    [
        (torch.sigmoid, "sigmoid", lambda y: y),
        (nn.Sigmoid(), "sigmoid", lambda y: y),
        (lambda y: y.sigmoid()[:, 1], "sigmoid", lambda y: y[:, 1:2]),
        (squeezed_gate, "sigmoid", lambda y: y * torch.sigmoid(2 * y)),
        (nn.Softmax(dim=1), "softmax", lambda y: y.softmax(1).logit()),
        (lambda y: torch.softmax(y, 1), "softmax", lambda y: y.softmax(1).logit()),
        (lambda y: y[:, :2].softmax(1), "softmax", lambda y: y[:, :2] - y[:, :2].flip(1)),
        (lambda y: y.exp() / y.exp().sum(1, True), "softmax", lambda y: y.softmax(1).logit()),
        (lambda y: 1 / (1 + torch.exp(-y)), "sigmoid", lambda y: y),  # no call to leave out
    ],
)
def test_the_logit_behind_a_probability(make: Any, kind: str, expected: Any):
    net = InputSpec.from_plain({"ends_with": kind}).adapt(Returns(make)).eval()
    torch.testing.assert_close(net(X), expected(Body()(X)))
    torch.testing.assert_close(accelerate(net)(X), expected(Body()(X)))


def test_the_logit_has_a_gradient_where_the_probability_is_1():
    net = InputSpec(ends_with="sigmoid").adapt(Returns(lambda y: torch.sigmoid(y + 60)))
    x = X.clone().requires_grad_()
    (found,) = torch.autograd.grad(net(x).sum(), x)
    expected = X.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(Body()(expected).sum(), expected)
    torch.testing.assert_close(found, gradient)


def test_several_networks_are_the_mean_of_their_logits():
    nets = [Returns(lambda y, k=k: torch.sigmoid(k * y)) for k in (1, 2, 3)]
    net = InputSpec(ends_with="sigmoid").adapt(nets)
    torch.testing.assert_close(net(X), 2 * Body()(X))


@pytest.mark.parametrize(
    ("make", "settings", "message"),
    [
        (lambda y: {"a": y}, {}, "a tensor from the network, got a dict with 'a'; name the item"),
        (lambda y: {"a": y}, {"output": "b"}, "output 'b', got a dict with 'a'"),
        (lambda y: (y,), {"output": 2}, "output 2, got a tuple of 1"),
        (lambda y: y, {"output": 2}, "output 2, got a tensor of shape .* leave output= out"),
        (lambda y: y, {"column": 5}, r"an output with column 5, got \(3, 5\)"),
        (lambda y: y, {"ends_with": "sigmoid"}, "ends with a sigmoid, .* got outputs such as"),
        (torch.sigmoid, {"ends_with": "softmax"}, "ends with a softmax, .* got outputs such as"),
    ],
)
def test_another_output_is_refused_in_words(make: Any, settings: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        InputSpec.from_plain(settings).adapt(Returns(make))(X)


@dataclass
class Heads:
    """Outputs as many libraries return them."""

    loss: None
    logits: Tensor
    hidden: dict[str, Tensor]


class Returning(nn.Module):
    """Two features of each ECG, returned in one of several ways."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how

    def forward(self, x: Tensor) -> Any:
        y, mask = x[:, :2].mean(-1), x[:, :4, ::2]
        return {
            "dataclass": lambda: Heads(None, y, {"pr": 2 * y}),
            "distribution": lambda: torch.distributions.Normal(y[:, 0], torch.ones(len(x))),
            "named tuple": lambda: namedtuple("Out", ("pr", "qt"))(y[:, :1], y[:, 1:]),
            "namespace": lambda: SimpleNamespace(logits=y),
            "dict": lambda: {"pr": y[:, :1], "qt": y[:, 1:]},
            "tuple": lambda: (y, mask),
            "mask": lambda: mask,
            "dict of masks": lambda: {"mask": mask},
            "one value": lambda: y[:, 0],
        }[self.how]()


HOW = {
    "dataclass": "output='logits'",
    "distribution": "output='mean'",
    "named tuple": "output='pr'",
    "namespace": "output='logits'",
    "dict": "output='pr'",
    "tuple": "output=0",
    "mask": "over_time='mean', column=0",
    "dict of masks": "output='mask', over_time='mean', column=0",
}


@pytest.mark.parametrize("how", HOW)
def test_a_refusal_names_the_spec_that_works(how):
    net, x = Returning(how).eval(), torch.randn(3, 12, 60)
    for refuse in (
        lambda: rank_methods(net, 100 * x, methods=["saliency"]),
        lambda: attribute("saliency", net, x),
    ):
        with pytest.raises(ValueError, match="expected an output of shape") as problem:
            refuse()
        (named,) = re.findall(r"InputSpec\((.*?)\)", str(problem.value))
        assert named == HOW[how]
    (error,) = lint(net, x).errors
    assert f"InputSpec({HOW[how]})" in error
    adapted = eval(f"InputSpec({HOW[how]})", {"InputSpec": InputSpec}).adapt(net)
    assert attribute("saliency", adapted, x).shape == x.shape


def test_one_value_per_ecg_wants_the_spec_as_it_is():
    net, x = Returning("one value").eval(), torch.randn(3, 12, 60)
    for refuse in (
        partial(attribute, "saliency", net, x),
        partial(own_of, net, x, target_of("pr")),
    ):
        with pytest.raises(ValueError, match=r"InputSpec\(\)\.adapt\(net\)"):
            refuse()
    assert attribute("saliency", InputSpec().adapt(net), x).shape == x.shape


def test_a_dict_without_a_tensor_gets_no_setting_that_does_nothing():
    assert setting_of({"heads": {"pr": torch.zeros(2)}}) == setting_of({}) == "output=…"


def test_an_attribute_within_an_attribute_is_found_and_no_other():
    net, x = Returning("dataclass").eval(), torch.randn(3, 12, 60)
    found = InputSpec(output="hidden.pr").adapt(net)(x)
    torch.testing.assert_close(found, 2 * x[:, :2].mean(-1))
    for wrong in ("hidden.qt", "_fields", "logits.mean", "loss"):
        with pytest.raises(ValueError, match="got a"):
            InputSpec(output=wrong).adapt(net)(x)


def test_the_mean_over_time_of_a_class_of_a_mask():
    net, x = Returning("mask").eval(), torch.randn(3, 12, 60)
    found = InputSpec(over_time="mean", column=2).adapt(net)(x)
    torch.testing.assert_close(found[:, 0], x[:, 2, ::2].mean(-1))


@pytest.mark.parametrize("kind", ["sigmoid", "softmax"])
def test_the_logits_of_a_mask_are_averaged_and_not_its_probabilities(kind):
    class Mask(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(x) if kind == "sigmoid" else torch.softmax(x, 1)

    x = torch.randn(3, 12, 60)
    found = InputSpec(over_time="mean", ends_with=kind).adapt(Mask().eval())(x)
    logits = x if kind == "sigmoid" else x.softmax(1).logit()
    torch.testing.assert_close(found, logits.mean(-1))
