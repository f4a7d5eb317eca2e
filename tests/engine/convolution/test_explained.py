"""Methods that look into a network find the same in an accelerated one."""

import copy

import pytest
import torch
from captum.attr import LRP
from captum.attr._utils.lrp_rules import EpsilonRule
from ecglens.engine import FftConv1d, accelerate, generator
from ecglens.explain import Context, find, methods
from torch import Tensor, nn
from torch.nn import functional

pytestmark = pytest.mark.heavy


class Residual(nn.Module):
    """Kernels long enough for the FFT to pay, a skip, and a ReLU module for each use."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(12, 16, 31, padding=15)
        self.norm = nn.BatchNorm1d(16)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv1d(16, 16, 31, padding="same")
        self.relu2 = nn.ReLU()
        self.head = nn.Linear(16, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu1(self.norm(self.conv1(x)))
        return self.head((x + self.relu2(self.conv2(x))).mean(-1))


def chain() -> nn.Module:
    """What captum's LRP can follow: no skip, and a rule for what it has none for."""
    net = nn.Sequential(
        nn.Conv1d(12, 16, 31, padding=15),
        nn.ReLU(),
        nn.Conv1d(16, 16, 31, padding=15),
        nn.ReLU(),
        nn.AdaptiveAvgPool1d(1),
        nn.Flatten(),
        nn.Linear(16, 2),
    )
    for layer in net:
        if not isinstance(layer, nn.ReLU):
            vars(layer)["rule"] = EpsilonRule()
    return net


def computes_by_fft(net: nn.Module, x: Tensor, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a network gives its output without a long convolution of torch's."""
    with monkeypatch.context() as patched, torch.no_grad():
        patched.setattr(functional, "conv1d", None)
        net(x)
    return any(isinstance(module, FftConv1d) for module in net.modules())


# Hundreds of outputs each, of ECGs such as feature ablation asks for too.
MORE_OUTPUTS = {"occlusion", "shapley_sampling", "kernel_shap", "lime"}


@pytest.mark.parametrize("time", [120, 700])
@pytest.mark.parametrize("name", [name for name in methods() if name not in MORE_OUTPUTS])
def test_a_method_finds_the_same_in_an_accelerated_network(
    name: str, time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    plain = Residual().double().eval()
    fast = accelerate(plain)
    x = torch.randn(2, 12, time, dtype=torch.float64)
    assert computes_by_fft(fast, x, monkeypatch)
    others, marks = torch.randn(3, 12, time).double(), torch.zeros((2, time), dtype=torch.int8)
    maps = [
        find(name)(net, x, 1, Context([generator(5, record) for record in "ab"], marks, others))
        for net in (plain, fast)
    ]
    expected, found = (torch.as_tensor(heatmap) for heatmap in maps)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-9 * float(expected.abs().max()))


def test_relevance_is_propagated_through_an_accelerated_network_as_through_the_plain_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.manual_seed(0)
    plain = chain().double().eval()
    fast = accelerate(copy.deepcopy(plain))
    x = torch.randn(2, 12, 120, dtype=torch.float64, requires_grad=True)
    assert computes_by_fft(fast, x, monkeypatch)
    expected, found = (LRP(net).attribute(x, target=1).detach() for net in (plain, fast))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-9 * float(expected.abs().max()))
    assert float(expected.abs().max()) > 0
