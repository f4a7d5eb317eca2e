"""The gradient check on networks that bend much: sound ones pass, planted faults are found."""

import copy

import pytest
import torch
from ecglens.ecg import draw_exact, exact_beat
from ecglens.explain import lint
from ecglens.explain.checks.outputs import in_double
from torch import Tensor, nn

BEATS = torch.stack([torch.from_numpy(exact_beat(draw_exact(7, n)).signal) for n in range(4)])
WRONG = "expected a gradient that says how the output changes"


class LogSpectrogram(nn.Module):
    """Convolution on the logarithm of the power in 128 ms windows: steep where power is small."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.conv = nn.Conv1d(12 * 33, 16, 3, padding=1)
            self.head = nn.Linear(16, 1)
        self.register_buffer("window", torch.hann_window(64))

    def power(self, x: Tensor) -> Tensor:
        window, leads = self.window, x.flatten(0, 1) / 1000
        assert isinstance(window, Tensor)
        found = torch.stft(leads, 64, 16, window=window, return_complex=True)
        return (found.real**2 + found.imag**2).unflatten(0, x.shape[:2]).flatten(1, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.conv((self.power(x) + 1e-6).log()).relu().mean(-1))


class Recurrent(nn.Module):
    """Convolution, pooling, an LSTM in both directions and the maximum over time."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.conv = nn.Sequential(nn.Conv1d(12, 8, 7, 2), nn.ReLU(), nn.MaxPool1d(4))
            self.lstm = nn.LSTM(8, 8, batch_first=True, bidirectional=True)
            self.head = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        features, _ = self.lstm(self.conv(x / 300).transpose(1, 2))
        return self.head(features.amax(1))


class TwiceBack(torch.autograd.Function):
    """The identity, with twice its gradient."""

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, *gradients):
        return 2 * gradients[0]


class OwnBackward(nn.Module):
    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return TwiceBack.apply(self.net(x))


class DetachedScale(OwnBackward):
    def forward(self, x: Tensor) -> Tensor:
        return self.net(x / x.detach().std((1, 2), keepdim=True) * 200)


@pytest.mark.heavy
@pytest.mark.parametrize("ecgs", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", [0, 1, 4])  # in float32 each is refused
def test_a_network_that_bends_within_the_steps_of_float32_is_sound(seed, ecgs):
    assert lint(LogSpectrogram(seed).eval(), BEATS[:ecgs]).errors == ()


@pytest.mark.parametrize("ecgs", [1, 2, 3, 4])
def test_a_recurrent_network_is_sound(ecgs):
    assert lint(Recurrent(0).eval(), BEATS[:ecgs]).errors == ()


def test_a_batch_norm_with_a_tiny_variance_is_sound():
    torch.manual_seed(0)
    norm = nn.BatchNorm1d(8)
    norm.running_var.fill_(1e-9)  # pyright: ignore[reportOptionalMemberAccess]
    layers = (nn.Conv1d(12, 8, 9), norm, nn.Tanh(), nn.AdaptiveAvgPool1d(1), nn.Flatten())
    assert lint(nn.Sequential(*layers).eval(), BEATS / 1e3).errors == ()


@pytest.mark.parametrize("ecgs", [1, 2, 3])
@pytest.mark.parametrize("kind", [LogSpectrogram, Recurrent])
@pytest.mark.parametrize("fault", [OwnBackward, DetachedScale])
def test_a_planted_wrong_gradient_is_found_in_each(fault, kind, ecgs):
    net = fault(kind(1)).eval()
    with torch.no_grad():  # a readout of size 1, so that float32 could tell it too
        net.net.head.weight.mul_(100)
    assert WRONG in lint(net, BEATS[:ecgs]).errors[0]


def test_the_copy_in_float64_leaves_the_network_as_it_was():
    net = Recurrent(0).eval()
    before = copy.deepcopy(net.state_dict())
    double = in_double(net, BEATS)
    assert double is not None
    assert {value.dtype for value in double.parameters()} == {torch.float64}
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_a_network_that_fixes_its_precision_is_judged_in_float32():
    class Fixed(Recurrent):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x.float())

    assert in_double(Fixed(0).eval(), BEATS) is None
    assert lint(Fixed(0).eval(), BEATS).errors == ()
    assert WRONG in lint(OwnBackward(Fixed(0)).eval(), BEATS).errors[0]
