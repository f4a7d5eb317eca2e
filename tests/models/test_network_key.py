"""The name of a network."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ecglens.engine import accelerate
from ecglens.models import InUnits, SmallResNet, as_network, load_program, network_key
from torch import Tensor, nn


class Plain(nn.Module):
    """A convolution whose output is read in one of several ways with the same weights."""

    def __init__(self, read: nn.Module, functional: bool = False, padding: int = 15) -> None:
        super().__init__()
        self.conv = nn.Conv1d(12, 16, 31, padding=padding)
        self.norm = nn.BatchNorm1d(16)
        self.read = read
        self.functional = functional
        self.head = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x))
        x = torch.relu(x) if self.functional else self.read(x)
        return self.head(x.mean(-1))


def made(*settings: object, **named: object) -> Plain:
    torch.manual_seed(0)
    return Plain(*settings, **named)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def net() -> nn.Module:
    torch.manual_seed(0)
    return InUnits(SmallResNet(), y_mean=160.0, y_sd=20.0)


def test_it_is_the_same_again_in_either_mode_and_accelerated(net: nn.Module) -> None:
    key = network_key(net)
    assert re.fullmatch("[0-9a-f]{16}", key)
    assert network_key(net.eval()) == key
    assert network_key(accelerate(net)) == key
    plain = made(nn.ReLU())
    assert network_key(accelerate(plain)) == network_key(plain)


def test_it_survives_a_file(net: nn.Module) -> None:
    torch.manual_seed(1)
    other = InUnits(SmallResNet())
    other.load_state_dict(net.state_dict())
    assert network_key(other) == network_key(net)


@pytest.mark.parametrize(
    "name",
    ["body.conv.weight", "body.norm.running_mean", "body.norm.running_var", "y_sd", "x_scale"],
)
def test_it_changes_with_the_last_digit_of_one_value(net: nn.Module, name: str) -> None:
    key = network_key(net)
    values = net.state_dict()[name].view(-1)
    values[0] = torch.nextafter(values[0], values[0] + 1)
    assert network_key(net) != key


def test_it_changes_with_the_use_of_the_same_weights_and_the_kind_of_modules() -> None:
    variants = [
        made(nn.ReLU()),
        made(nn.ELU()),
        made(nn.ReLU(), functional=False, padding=0),  # the same modules, another output
        made(nn.Identity(), functional=True),  # the output of the first, other modules
    ]
    assert len({network_key(variant) for variant in variants}) == 4


def test_it_changes_with_hooks_that_change_gradients_alone_and_not_with_what_they_keep() -> None:
    class Keeper:
        kept: Any = None

        def keep(self, _: nn.Module, __: Any, gradients: Any) -> None:
            self.kept = gradients[0]

    net, x = made(nn.ReLU()).eval(), torch.ones(1, 12, 40)
    plain = network_key(net)
    read = net.get_submodule("read")
    clamp = read.register_full_backward_hook(lambda _, inside, __: (inside[0].clamp(min=0),))
    clamped = network_key(net)
    assert network_key(accelerate(net)) == clamped != plain
    clamp.remove()
    assert network_key(net) == plain
    before = read.register_full_backward_pre_hook(lambda _, outside: (outside[0] * 2,))
    assert len({network_key(net), clamped, plain}) == 3
    before.remove()
    read.register_full_backward_hook(Keeper().keep)
    keeping = network_key(net)
    net(x).sum().backward()
    assert network_key(net) == keeping != plain


def test_a_sparse_buffer_has_a_key(net: nn.Module) -> None:
    plain = network_key(net)
    net.register_buffer("graph", torch.eye(3).to_sparse())
    first = network_key(net)
    net.register_buffer("graph", (2 * torch.eye(3)).to_sparse())
    assert len({plain, first, network_key(net)}) == 3


def test_the_default_type_of_tensors_does_not_change_it(net: nn.Module) -> None:
    key = network_key(net)
    torch.set_default_dtype(torch.float64)
    try:
        assert network_key(net) == key
    finally:
        torch.set_default_dtype(torch.float32)


def test_machine_noise_in_the_output_does_not_change_it() -> None:
    class Noisy(nn.Module):
        def __init__(self, noise: float) -> None:
            super().__init__()
            self.head = nn.Linear(12, 3)
            self.noise = noise

        def forward(self, x: Tensor) -> Tensor:
            return self.head(x.mean(-1)) * (1 + self.noise)

    keys = set()
    for noise in (0.0, 1e-13, -1e-13):
        torch.manual_seed(0)
        keys.add(network_key(Noisy(noise)))
    assert len(keys) == 1


def scaled(gain: float) -> nn.Module:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(12, 2)

        def forward(self, x: Tensor) -> Tensor:
            return gain * self.head(x.mean(-1))

    torch.manual_seed(0)
    return Scaled().eval()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of TorchScript
def test_it_changes_with_a_gain_of_the_outputs(tmp_path: Path) -> None:
    gains = (1.0, 1e-6, 1.001, 1e6)
    assert len({network_key(scaled(gain)) for gain in gains}) == 4
    assert network_key(scaled(1.0)) == network_key(scaled(1.0))
    x = torch.zeros(2, 12, 600)
    kinds: list[Callable[..., Any]] = [torch.fx.symbolic_trace, lambda net: torch.jit.trace(net, x)]
    for kind in kinds:
        assert len({network_key(kind(scaled(gain))) for gain in gains}) == 4
    for gain in gains:
        torch.jit.save(torch.jit.trace(scaled(gain), x), tmp_path / f"{gain}.pt")
    assert len({network_key(load_program(each)) for each in tmp_path.iterdir()}) == 4


class Hidden:
    """A function as the attribute of an object, where it is not followed."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self.call = call

    def __call__(self, x: Tensor) -> Any:
        return self.call(x)


def of_arrays(gain: float = 1.0, above_uv: float = float("inf")) -> Any:
    def mean(x: np.ndarray) -> np.ndarray:
        outputs = gain * x.mean((1, 2))[:, None]
        return np.where(abs(x).max((1, 2))[:, None] > above_uv, 7.0, outputs)

    return as_network(mean)


def test_functions_that_differ_in_a_gain_or_for_large_or_small_ecgs_have_keys_of_their_own() -> (
    None
):
    boxes = [of_arrays(), of_arrays(1e-6), of_arrays(1.001), of_arrays(1e6)]
    boxes += [of_arrays(above_uv=uv) for uv in (20.0, 100.0, 1000.0, 4000.0)]
    assert len({network_key(box) for box in boxes}) == len(boxes)
    # By the outputs alone, as for a program whose code cannot be read.
    for box in boxes:
        box.inside = (Hidden(box.inside[0]),)
    assert len({network_key(box) for box in boxes}) == len(boxes)


def test_a_function_is_known_by_its_code_and_weights_but_not_by_what_it_counts() -> None:
    def counting(weights: np.ndarray, least: float) -> Callable[[np.ndarray], np.ndarray]:
        calls, last = [], 0

        def function(x: np.ndarray) -> np.ndarray:
            nonlocal last
            last = calls.append(last) or len(calls)
            return np.where(abs(x).max() > least, 0.0, x.mean(-1) @ weights)

        return function

    weights = np.ones((12, 1))
    other = weights + np.eye(12, 1) * 1e-12
    box = as_network(counting(weights, 1e5))
    assert network_key(box) == network_key(box) == network_key(as_network(counting(weights, 1e5)))
    # They differ beyond the probes.
    changed = [as_network(counting(other, 1e5)), as_network(counting(weights, 1e6))]
    assert len({network_key(each) for each in (box, *changed)}) == 3


def test_each_output_of_a_function_counts_in_its_own_unit() -> None:
    def of_two(gain: float, rounding: float = 0.0) -> nn.Module:
        kept = {"gain": gain * (1 + rounding)}  # where only the outputs tell of it

        def function(x: np.ndarray) -> np.ndarray:
            interval = 160 + np.abs(x).mean((1, 2))  # ms
            amplitude = kept["gain"] * x[:, 7].mean(-1) * 1e-6  # V
            return np.stack([interval, amplitude], 1).astype(np.float32)

        return as_network(function)

    keys = {gain: network_key(of_two(gain)) for gain in (1.0, 1.01, 3.0)}
    assert len({*keys.values()}) == 3
    assert network_key(of_two(1.0, rounding=1e-7)) == keys[1.0]


def test_a_network_that_fixes_its_own_precision_has_a_key() -> None:
    class Single(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(12, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(x.float().mean(-1))

    net = Single()
    assert network_key(net) == network_key(net)


def test_the_network_and_the_global_generator_are_left_as_they_were(net: nn.Module) -> None:
    net.get_submodule("body.norm").eval()
    modes = [module.training for module in net.modules()]
    state = {name: value.clone() for name, value in net.state_dict().items()}
    random = torch.get_rng_state()
    network_key(net, shape=(12, 300))
    assert [module.training for module in net.modules()] == modes
    assert all(torch.equal(value, state[name]) for name, value in net.state_dict().items())
    assert all(parameter.dtype == torch.float32 for parameter in net.parameters())
    assert torch.equal(torch.get_rng_state(), random)


@pytest.mark.parametrize("shape", [(), (4,), (4, 2, 3)])
def test_outputs_of_any_shape_have_a_key(shape: tuple[int, ...]) -> None:
    class Shaped(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.mean() * torch.ones(shape)

    assert re.fullmatch("[0-9a-f]{16}", network_key(Shaped().eval()))
