"""The door: the same map for any batch and caller, a network left as it was, clear refusals."""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np
import pytest
import torch
from ecglens import explain
from ecglens.ecg import BIT
from ecglens.engine import sample_ids
from ecglens.explain import Context, Method, controls, find, methods, passes
from ecglens.models import as_network
from pytorch_lightning import LightningModule
from torch import Tensor, nn

from .networks import LEADS, TIME, Linear, Residual, WithGate, ecgs, filled, others

EVERY = methods() + controls()
Inputs = partial(explain.Inputs, background=others())
attribute = partial(explain.attribute, inputs=Inputs())
SAMPLING = [
    "smoothgrad",
    "smoothgrad_squared",
    "vargrad",
    "gradient_shap",
    "expected_gradients",
    "shapley_sampling",
    "kernel_shap",
    "lime",
    "random",
]


def close(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5 * float(expected.abs().max()))


@pytest.mark.parametrize("name", EVERY)
def test_a_map_is_float32_detached_finite_and_of_the_inputs_shape(name):
    x = ecgs().requires_grad_()
    found = attribute(name, filled(Residual()), x.double(), target=1)
    assert found.shape == x.shape
    assert found.dtype == torch.float32
    assert not found.requires_grad
    assert found.isfinite().all()


@pytest.mark.heavy
@pytest.mark.parametrize("name", EVERY)
def test_a_map_does_not_depend_on_batch_order_or_chunk(name, monkeypatch):
    net, x = filled(Residual()), ecgs(5)
    whole = attribute(name, net, x)
    for size in (1, 4):
        parts = torch.cat([attribute(name, net, part) for part in x.split(size)])
        close(parts, whole)
    order = torch.tensor([3, 1, 0, 4, 2])
    close(attribute(name, net, x[order]), whole[order])
    monkeypatch.setattr(passes, "VALUES", 3 * LEADS * TIME)  # three rows at a time
    close(attribute(name, net, x), whole)


@pytest.mark.parametrize("name", EVERY)
def test_only_sampling_methods_follow_the_seed_and_the_record(name):
    net, x = filled(Residual()), ecgs()
    first = attribute(name, net, x, seed=1, inputs=Inputs(records=["a", "b", "c"]))
    assert torch.equal(
        first, attribute(name, net, x, seed=1, inputs=Inputs(records=["a", "b", "c"]))
    )
    other_seed = attribute(name, net, x, seed=2, inputs=Inputs(records=["a", "b", "c"]))
    other_record = attribute(name, net, x, seed=1, inputs=Inputs(records=["a", "b", "d"]))
    assert torch.equal(first, other_seed) == (name not in SAMPLING)
    assert torch.equal(first[:2], other_record[:2])
    assert torch.equal(first[2], other_record[2]) == (name not in SAMPLING)


def test_without_names_an_ecg_is_named_by_its_samples():
    net, x = filled(Residual()), ecgs()
    named = attribute("smoothgrad", net, x, inputs=Inputs(records=sample_ids(x)))
    assert torch.equal(attribute("smoothgrad", net, x), named)


@pytest.mark.parametrize("name", EVERY)
def test_a_map_is_the_same_whatever_the_caller_switched_off(name):
    net, x = filled(Residual()), ecgs()
    expected = attribute(name, net, x)
    with torch.no_grad():
        assert torch.equal(attribute(name, net, x), expected)
    with torch.inference_mode():
        found = attribute(name, net, x * 1)
    assert torch.equal(found, expected)
    assert not found.is_inference()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(attribute(name, net, x), expected)


def traces(net):
    hooks = [
        (name, kind, len(hooked))
        for name, module in net.named_modules()
        for kind, hooked in vars(module).items()
        if kind.endswith(("_hooks", "_hooks_always_called", "_hooks_with_kwargs"))
        and hooked is not None
    ]
    attributes = [(name, sorted(vars(module))) for name, module in net.named_modules()]
    weights = [(name, value.requires_grad, value.grad) for name, value in net.named_parameters()]
    return hooks, attributes, weights


class TwoHeads(Residual):
    """The second output has a ReLU that no gradient of the first comes back through."""

    def __init__(self):
        super().__init__()
        self.relu3 = nn.ReLU()

    def forward(self, x):
        y = super().forward(x)
        return torch.stack([y[:, 0], self.relu3(y[:, 1])], dim=1)


@pytest.mark.parametrize("name", EVERY)
def test_the_network_and_the_input_are_left_as_they_were(name):
    net, x = filled(TwoHeads()), ecgs()
    net.conv1.weight.requires_grad_(False)
    before, state, samples = traces(net), copy.deepcopy(net.state_dict()), x.clone()
    attribute(name, net, x)
    assert traces(net) == before
    assert all(torch.equal(value, state[key]) for key, value in net.state_dict().items())
    assert torch.equal(x, samples)
    assert not x.requires_grad


class FailsBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, *gradients):
        raise RuntimeError("broken on purpose")


class Broken(Residual):
    def rectify1(self, x):
        return FailsBackward.apply(self.relu1(x))


@pytest.mark.parametrize("name", methods())
def test_the_network_is_left_as_it_was_after_a_failure_too(name):
    net = filled(Broken())
    before = traces(net)
    with pytest.raises(RuntimeError, match="broken on purpose"):
        attribute(name, net, ecgs())
    assert traces(net) == before


def test_the_network_is_left_as_it_was_after_a_refusal_too():
    net = filled(WithGate())
    before = traces(net)
    with pytest.raises(ValueError, match="expected contributions that add up"):
        attribute("deeplift", net, ecgs())
    assert traces(net) == before


def test_a_method_object_is_the_method_of_that_name():
    net, x = filled(Residual()), ecgs()
    assert torch.equal(attribute(find("smoothgrad"), net, x), attribute("smoothgrad", net, x))


def test_a_lightning_module_is_a_network():
    class Fitted(LightningModule):
        def __init__(self, net):
            super().__init__()
            self.net = net

        def forward(self, x):
            return self.net(x)

    net, x = filled(Residual()), ecgs()
    for name in methods():
        assert torch.equal(attribute(name, Fitted(net).eval(), x), attribute(name, net, x))


def test_a_network_may_write_into_its_input():
    class Scaling(Residual):
        def forward(self, x):
            return super().forward(x.mul_(2))

    net, x = filled(Scaling()), ecgs()
    doubled = attribute("saliency", filled(Residual()), 2 * x) * 2
    torch.testing.assert_close(attribute("saliency", net, x), doubled)
    attribute("guided_backprop", net, x)


def test_no_ecgs_give_no_maps():
    assert attribute("saliency", filled(Residual()), ecgs(0)).shape == (0, LEADS, TIME)


class Squeezed(Residual):
    def forward(self, x):
        return super().forward(x)[:, 0]


class Detached(Residual):
    def forward(self, x):
        return super().forward(x).detach()


class InfiniteGradient(Residual):
    def forward(self, x):
        return super().forward(x.abs().sqrt())


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (Residual().train(), r"expected evaluation mode, got the network training"),
        (filled(Squeezed()), r"expected an output of shape \(batch, n_targets\), got \(3,\)"),
        (filled(Residual()).double(), "expected float32 weights, got torch.float64 in conv1"),
    ],
)
def test_a_network_that_cannot_be_explained_is_refused(net, message):
    with pytest.raises(ValueError, match=message):
        attribute("saliency", net, ecgs())


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("in_place", [True, False])
def test_a_compiled_part_of_a_network_is_refused(in_place):
    body = filled(Residual())
    if in_place:
        body.compile()
    net = nn.Sequential().eval()
    net.add_module("body", body if in_place else cast(nn.Module, torch.compile(body)))
    with pytest.raises(ValueError, match=r"got body compiled, .* before torch.compile"):
        attribute("saliency", net, ecgs())


@pytest.mark.parametrize("name", EVERY)
def test_a_network_that_is_not_differentiable_is_refused(name):
    with pytest.raises(ValueError, match="expected an output that depends on the ECG through diff"):
        attribute(name, filled(Detached()), ecgs())


def test_a_part_left_in_training_mode_is_refused_by_name():
    net = filled(Residual())
    net.norm2.train()
    before = copy.deepcopy(net.state_dict())
    with pytest.raises(ValueError, match="got the module 'norm2' training"):
        attribute("saliency", net, ecgs())
    assert torch.equal(net.state_dict()["norm2.running_mean"], before["norm2.running_mean"])


def test_weights_made_in_inference_mode_are_refused():
    with torch.inference_mode():
        net = filled(Residual())
    with pytest.raises(ValueError, match="expected weights made outside inference mode"):
        attribute("saliency", net, ecgs())


@pytest.mark.usefixtures("untyped")
@pytest.mark.parametrize("target", [2, -1, True, 1.0, "pr", np.True_])
def test_a_target_that_is_not_there_is_refused(target):
    net, said = filled(Residual()), f"expected a target in 0…1, got {target!r}"
    with pytest.raises(ValueError, match=said):
        attribute("abs_x", net, ecgs(), target=target)
    assert explain.lint(net, ecgs(), target=target).errors == (said,)


@pytest.mark.usefixtures("untyped")
@pytest.mark.parametrize("target", [np.int64(1), np.array(1), torch.tensor(1)])
def test_a_target_may_be_a_number_of_numpy_or_torch(target):
    net = filled(Residual())
    expected = attribute("saliency", net, ecgs(), target=1)
    assert torch.equal(attribute("saliency", net, ecgs(), target=target), expected)


def test_ecgs_that_are_none_are_refused():
    net, x = filled(Linear()), ecgs()
    with pytest.raises(ValueError, match=r"expected ECGs of shape \(batch, lead, time\)"):
        attribute("saliency", net, x[0])
    x[1, 3, 5] = float("nan")
    with pytest.raises(ValueError, match="got NaN or infinity in ECG 1"):
        attribute("saliency", net, x)
    with pytest.raises(ValueError, match="expected a record name per ECG, got 2 for 3"):
        attribute("saliency", net, ecgs(), inputs=Inputs(records=["a", "b"]))


@pytest.mark.usefixtures("untyped")
def test_a_function_is_no_network_until_it_is_made_one():
    def height(x: np.ndarray) -> np.ndarray:
        return x.mean((1, 2))[:, None]

    given: Any = height
    message = r"expected a torch.nn.Module, got function; .*as_network\(net\)"
    with pytest.raises(ValueError, match=message):
        explain.attribute("occlusion", given, ecgs())
    assert re.match(message, explain.lint(given, ecgs().numpy()).errors[0])
    assert attribute("occlusion", as_network(height), ecgs()).any()


def test_a_map_that_is_not_finite_is_refused_without_the_name_of_its_record():
    x = ecgs()
    x[2, 0, 0] = 0
    names = ["a", "b", "Harrison"]
    with pytest.raises(ValueError, match="Saliency gave NaN or infinity in ECG 2 of 3") as refused:
        attribute("saliency", filled(InfiniteGradient()), x, inputs=Inputs(records=names))
    assert "Harrison" not in str(refused.value)  # the reason stands on pages and in notes


def test_an_array_of_numpy_has_the_map_of_its_tensor():
    net, x = filled(Residual()), ecgs()
    array = x.double().numpy()
    marks = torch.zeros(len(x), TIME, dtype=torch.int8)
    marks[:, 5:9] = BIT["QRS"]
    inputs = explain.Inputs(background=others().numpy(), segments=marks.numpy())
    same = explain.Inputs(background=others(), segments=marks)
    for name in ("saliency", "expected_gradients", "feature_ablation"):
        found = explain.attribute(name, net, array, inputs=inputs)
        assert torch.equal(found, explain.attribute(name, net, x, inputs=same))
    for wrong in (marks.numpy().astype(object), marks.numpy().astype(str)):
        with pytest.raises(ValueError, match=f"a bit per wave in int8, .* in {wrong.dtype}"):
            explain.attribute("saliency", net, x, inputs=explain.Inputs(segments=wrong))
    assert explain.lint(net, array).notes == explain.lint(net, x).notes


@pytest.mark.usefixtures("untyped")
@pytest.mark.parametrize(
    ("x", "came"),
    [
        (np.full((2, LEADS, TIME), None), "object"),
        (np.full((2, LEADS, TIME), "1"), "<U1"),
        (np.zeros((2, LEADS, TIME), complex), "complex128"),
        (torch.zeros(2, LEADS, TIME, dtype=torch.complex64), "torch.complex64"),
        ([[1.0]], "list"),
    ],
)
def test_what_are_no_numbers_is_refused_in_a_line(x, came):
    message = f"expected ECGs as a tensor or an array of real numbers, got {came}"
    with pytest.raises(ValueError, match=message):
        attribute("saliency", filled(Residual()), x)


@dataclass(frozen=True)
class Foreign(Method):
    """A method of somebody else: what it gives."""

    gives: Callable[[Tensor, Context], Any]

    def heatmap(self, net: nn.Module, x: Tensor, target: int, context: Context) -> Tensor:
        return self.gives(x, context)


class OddError(Exception):
    """An error of a kind that nobody knows."""


def fails(error: type[BaseException]) -> Tensor:
    raise error("no weights")


@pytest.mark.usefixtures("untyped")
@pytest.mark.parametrize(
    ("gives", "message"),
    [
        (lambda x: x.numpy(), "expected a map of shape .* from Foreign.*, got a ndarray"),
        (lambda x: None, "expected a map of shape .* from Foreign.*, got a NoneType"),
        (lambda x: 1j * x, "expected a map of real numbers, Foreign.* gave torch.complex64"),
        (lambda x: x.double() * 1e60, "expected finite maps, Foreign.* gave NaN or infinity"),
        (lambda x: x.double() * 1e-60, "expected maps of numbers that float32 holds"),
        (lambda x: fails(OddError), "expected a map from Foreign.*, got OddError: no weights"),
        (lambda x: fails(FileNotFoundError), "got FileNotFoundError: no weights"),
    ],
)
def test_a_map_of_somebody_elses_method_is_checked_in_a_line(gives, message):
    with pytest.raises(ValueError, match=message) as refused:
        attribute(Foreign(lambda x, _: gives(x)), filled(Linear()), ecgs())
    assert "\n" not in str(refused.value)


def test_a_method_that_writes_into_marks_and_ecgs_of_others_changes_those_of_nobody():
    def writes(x: Tensor, context: Context) -> Tensor:
        context.background.zero_()
        context.segments.fill_(1)
        return x.clone()

    net, x = filled(Residual()), ecgs()
    marks, beside = torch.zeros(len(x), TIME, dtype=torch.int8), others()
    given = explain.Inputs(segments=marks, background=beside)
    explain.attribute(Foreign(writes), net, x, inputs=given)
    assert not marks.any()
    assert torch.equal(beside, others())
    arrays = explain.Inputs(background=(array := others().numpy()))
    explain.attribute(Foreign(lambda x, c: x * c.background.zero_().sum()), net, x, inputs=arrays)
    np.testing.assert_array_equal(array, others().numpy())


@pytest.mark.parametrize("change", ["step", "train", "modes", "load", "assign", "layer", "double"])
def test_a_method_that_changes_the_network_changes_that_of_nobody(change):
    net, x = filled(Residual()), ecgs()
    before, kept = attribute("saliency", net, x), copy.deepcopy(net.state_dict())

    def changes(x: Tensor, _: Context) -> Tensor:
        if change == "modes":
            net.train()
        elif change == "train":  # as by dropout at test time: the statistics of BatchNorm move
            net.train()(x)
            net.eval()
        elif change == "load":
            net.load_state_dict(filled(Residual(), 3).state_dict())
        elif change == "assign":
            net.load_state_dict(filled(Residual(), 3).state_dict(), assign=True)
        elif change == "layer":
            net.norm1 = nn.BatchNorm1d(6)
        elif change == "double":
            net.double()
        else:
            with torch.no_grad():
                next(net.parameters()).add_(0.01)
        return x.clone()

    attribute(Foreign(changes), net, x)
    assert not any(module.training for module in net.modules())
    assert all(torch.equal(one, kept[name]) for name, one in net.state_dict().items())
    assert torch.equal(attribute("saliency", net, x), before)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("kind", ["frozen", "meta", "expanded"])
def test_networks_of_odd_tensors_are_explained(kind):
    net = filled(Residual())
    if kind == "frozen":
        net = torch.jit.freeze(torch.jit.script(net))
    elif kind == "meta":
        net.register_buffer("odd", torch.empty(2, device="meta"))
    else:
        net.register_buffer("odd", torch.full((1,), float("nan")).expand(3))
    assert attribute("occlusion", net, ecgs()).isfinite().all()
