"""The name of a network."""

import re

import pytest
import torch
from ecglens.engine import accelerate
from ecglens.models import InUnits, SmallResNet, network_key
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
