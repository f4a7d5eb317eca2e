"""accelerate(): the same network, faster; networks that are not ours are right or untouched."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from ecglens.engine import FastAvgPool1d, FftConv1d, accelerate, generator
from ecglens.models import ReferenceResNet, SmallResNet, network_key
from ecglens.store import code_of
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils import parametrizations, prune
from torch.overrides import TorchFunctionMode

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")

CHANNELS, TIME = 12, 120


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(CHANNELS, 32, 31, padding="same")
        self.lstm = nn.LSTM(32, 8, batch_first=True, bidirectional=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.lstm(self.conv(x).transpose(1, 2))[0]


class Gated(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(CHANNELS, 16, batch_first=True)
        self.conv = nn.Conv1d(16, 32, 31, padding="same")

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.gru(x.transpose(1, 2))[0].transpose(1, 2))


class Attending(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(CHANNELS, 32, 31, stride=2)
        self.attention = nn.MultiheadAttention(32, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x).transpose(1, 2)
        return self.attention(x, x, x)[0]


class InPlainAttributes(nn.Module):
    """Reaches its modules through a list, a dictionary, a bound method and another name."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(CHANNELS, 32, 31, padding="same")
        self.drop = nn.Dropout(0.5)
        self.steps = [self.conv, self.drop]
        self.named = {"drop": (self.drop,)}
        self.run = self._run

    def _run(self, x: Tensor) -> Tensor:
        for step in self.steps:
            x = step(x)
        return self.named["drop"][0](x) if self.training else x

    def forward(self, x: Tensor) -> Tensor:
        return self.run(x)


def pruned() -> nn.Module:
    net = nn.Sequential(nn.Conv1d(CHANNELS, 32, 31))
    prune.l1_unstructured(net[0], "weight", amount=0.3)
    return net


def twice_the_same() -> nn.Module:
    conv = nn.Conv1d(CHANNELS, CHANNELS, 31, padding="same")
    return nn.Sequential(conv, nn.ReLU(), conv)


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "reference": ReferenceResNet,
    "small": SmallResNet,
    "long kernels": lambda: nn.Sequential(nn.Conv1d(CHANNELS, 32, 50, padding="same"), nn.ELU()),
    "strided": lambda: nn.Sequential(nn.Conv1d(CHANNELS, 32, 31, stride=3, padding=4)),
    "dilated": lambda: nn.Sequential(nn.Conv1d(CHANNELS, 32, 31, dilation=2, padding="same")),
    "grouped": lambda: nn.Sequential(nn.Conv1d(CHANNELS, 36, 31, groups=3)),
    "circular": lambda: nn.Sequential(
        nn.Conv1d(CHANNELS, 32, 31, padding=3, padding_mode="circular")
    ),
    "transposed": lambda: nn.Sequential(nn.ConvTranspose1d(CHANNELS, 32, 31)),
    "causal": lambda: nn.Sequential(nn.ConstantPad1d((30, 0), 0.0), nn.Conv1d(CHANNELS, 32, 31)),
    "recurrent": Recurrent,
    "gated": Gated,
    "attention": Attending,
    "weight norm": lambda: parametrizations.weight_norm(nn.Conv1d(CHANNELS, 32, 31)),
    "pruned": pruned,
    "plain attributes": InPlainAttributes,
    "used twice": twice_the_same,
    "a single layer": lambda: nn.Conv1d(CHANNELS, 32, 31),
}


def outputs_and_gradients(net: nn.Module, x: Tensor) -> list[Tensor]:
    x = x.clone().requires_grad_()
    y = net(x)
    weights = torch.linspace(-1, 1, y.numel(), dtype=y.dtype).view_as(y)
    return [y, *torch.autograd.grad((weights * y).sum(), [x, *net.parameters()])]


@pytest.mark.parametrize("name", NETWORKS)
def test_outputs_and_gradients_are_the_same(name: str) -> None:
    torch.manual_seed(0)
    net = NETWORKS[name]().double().train()
    x = torch.randn(2, CHANNELS, TIME, dtype=torch.float64)
    fast = accelerate(net)
    net.eval()
    fast.eval()
    for got, expected in zip(
        outputs_and_gradients(fast, x), outputs_and_gradients(net, x), strict=True
    ):
        torch.testing.assert_close(got, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", NETWORKS)
def test_parameters_buffers_and_names_are_shared(name: str) -> None:
    net = NETWORKS[name]()
    fast = accelerate(net)
    assert [*dict(fast.named_modules())] == [*dict(net.named_modules())]
    own, other = net.state_dict(keep_vars=True), fast.state_dict(keep_vars=True)
    assert own.keys() == other.keys()
    assert all(own[key] is other[key] for key in own)


def test_what_is_eligible_is_exchanged_and_the_original_keeps_its_classes() -> None:
    net = nn.Sequential(nn.Conv1d(12, 32, 31), nn.ReLU(), nn.Conv1d(32, 1, 3))
    fast = accelerate(net)
    assert [type(module) for module in fast.children()] == [FftConv1d, nn.ReLU, FftConv1d]
    assert [type(module) for module in net.children()] == [nn.Conv1d, nn.ReLU, nn.Conv1d]
    assert not any(a is b for a, b in zip(net.modules(), fast.modules(), strict=True))
    assert [type(module) for module in accelerate(fast).children()] == [
        FftConv1d,
        nn.ReLU,
        FftConv1d,
    ]


def test_an_average_is_exchanged_and_the_key_of_the_network_stays() -> None:
    net = nn.Sequential(nn.Conv1d(12, 4, 3), nn.AvgPool1d(2), nn.Flatten(), nn.Linear(4 * 299, 1))
    fast = accelerate(net.eval())
    assert type(fast.get_submodule("1")) is FastAvgPool1d
    assert type(net.get_submodule("1")) is nn.AvgPool1d
    assert network_key(fast) == network_key(net)


AVERAGES: dict[str, dict[str, Any]] = {
    "pairs": {"kernel_size": 2},
    "pairs with zeros": {"kernel_size": 2, "padding": 1},
    "pairs beyond the end": {"kernel_size": 2, "ceil_mode": True},
    "overlapping": {"kernel_size": 2, "stride": 1},
    "three": {"kernel_size": 3},
}


@pytest.mark.parametrize("name", AVERAGES)
@pytest.mark.parametrize("shape", [(3, 5, 600), (3, 5, 601), (2, 4, 2), (5, 40), (0, 5, 40)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("turned", [False, True])
def test_an_average_has_the_digits_of_torch(
    name: str, shape: tuple[int, ...], dtype: torch.dtype, turned: bool
) -> None:
    plain, fast = nn.AvgPool1d(**AVERAGES[name]), FastAvgPool1d(**AVERAGES[name])
    x = torch.randn(shape, generator=generator(0)).to(dtype)
    x[..., :2] = -0.0
    x = x.mT.contiguous().mT if turned else x  # channels side by side, as tokens are
    x = x.requires_grad_()
    try:
        expected = plain(x)
    except RuntimeError as error:
        with pytest.raises(RuntimeError, match=re.escape(str(error))):
            fast(x)
        return
    got = fast(x)
    assert torch.equal(got, expected)
    assert torch.equal(got.signbit(), expected.signbit())
    assert got.stride() == expected.stride()
    weights = torch.randn_like(expected)
    one, other = (torch.autograd.grad(y, x, weights)[0] for y in (got, expected))
    assert torch.equal(one, other)


def test_an_average_whose_sizes_were_set_to_numbers_computes_as_before() -> None:
    pool, x = nn.AvgPool1d(3), torch.randn(2, 4, 8)
    pool.kernel_size = pool.stride = 2
    assert torch.equal(accelerate(pool)(x), pool(x))


def test_an_average_is_known_to_a_function_that_reads_it_as_torchs_own() -> None:
    assert code_of(FastAvgPool1d(2)) != code_of(FastAvgPool1d(3))
    nets = [nn.Sequential(pool) for pool in (FastAvgPool1d(2), nn.AvgPool1d(2))]
    one, other = (code_of(partial(functional_call, net)) for net in nets)
    assert one == other

    class Own(FastAvgPool1d):
        pass

    assert code_of(nn.Sequential(Own(2))) != code_of(nets[0])


def test_a_mode_sees_one_operation_of_an_average() -> None:
    seen = []

    class Names(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            seen.append(func.__name__)
            return func(*args, **kwargs or {})

    with Names():
        FastAvgPool1d(2)(torch.ones(1, 2, 8))
    assert "avg_pool1d" in seen
    assert "add" not in seen


def test_a_module_that_is_used_twice_stays_one_module() -> None:
    fast = accelerate(twice_the_same())
    assert fast.get_submodule("0") is fast.get_submodule("2")


def assign(net: nn.Conv1d) -> None:
    net.weight = nn.Parameter(net.weight.detach().flip(0))


CHANGES: dict[str, Callable[[nn.Conv1d], object]] = {
    "in place": lambda net: net.reset_parameters(),
    "through data": lambda net: net.weight.data.mul_(2),
    "load_state_dict": lambda net: net.load_state_dict(nn.Conv1d(12, 32, 31).state_dict()),
    "assigned": assign,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_weight_changed_afterwards_in_either_is_seen_by_both(change: str) -> None:
    net = nn.Conv1d(12, 32, 31).eval()
    fast = accelerate(net)
    x = torch.randn(2, 12, TIME)
    for changed in (net, fast):
        assert isinstance(changed, nn.Conv1d)
        before = fast(x)
        CHANGES[change](changed)
        torch.testing.assert_close(fast(x), net(x))
        assert not torch.allclose(fast(x), before)


def test_batch_norm_statistics_gathered_by_one_serve_the_other() -> None:
    net = nn.Sequential(nn.Conv1d(12, 32, 31), nn.BatchNorm1d(32))
    fast = accelerate(net)
    x = torch.randn(4, 12, TIME)
    fast.train()(x)
    torch.testing.assert_close(fast.eval()(x), net.eval()(x))


def test_modes_and_hooks_are_each_ones_own() -> None:
    net = nn.Sequential(nn.Conv1d(12, 32, 31), nn.Dropout(0.5))
    fast = accelerate(net)
    fast.eval()
    assert all(module.training for module in net.modules())
    calls: list[str] = []
    fast.get_submodule("0").register_forward_hook(lambda *_: calls.append("fast"))
    net(torch.randn(1, 12, TIME))
    assert calls == []


def test_hooks_that_are_there_already_go_on_working_and_their_convolution_stays() -> None:
    net = nn.Sequential(nn.Conv1d(12, 32, 31), nn.ReLU())
    calls = []
    net[0].register_forward_hook(lambda *_: calls.append("convolution"))
    net[1].register_forward_hook(lambda *_: calls.append("relu"))
    fast = accelerate(net)
    assert type(fast.get_submodule("0")) is nn.Conv1d
    fast(torch.randn(1, 12, TIME))
    assert calls == ["convolution", "relu"]


def test_a_forward_of_its_own_and_a_subclass_stay() -> None:
    class Causal(nn.Conv1d):
        def forward(self, input: Tensor) -> Tensor:
            return super().forward(nn.functional.pad(input, (30, 0)))

    net = nn.Sequential(Causal(12, 32, 31), nn.Conv1d(32, 32, 31))
    vars(net[1])["forward"] = lambda x: 2 * x
    fast = accelerate(net)
    assert type(fast.get_submodule("0")) is Causal
    x = torch.randn(1, 12, TIME)
    torch.testing.assert_close(fast(x), net(x), rtol=0, atol=0)


@pytest.mark.filterwarnings("ignore:.torch.jit")
def test_compiled_and_unfinished_modules_are_untouched() -> None:
    scripted = torch.jit.script(nn.Conv1d(12, 32, 31))
    assert isinstance(scripted, nn.Module)
    lazy = nn.LazyConv1d(32, 31)
    fast = accelerate(nn.ModuleList([scripted, lazy]))
    assert fast.get_submodule("0") is scripted
    assert fast.get_submodule("1") is lazy
