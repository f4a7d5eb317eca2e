"""Small networks for this room's tests: one without a fault, and one for each fault."""

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

LEADS, TIME = 12, 40
Network = TypeVar("Network", bound=nn.Module)


class Residual(nn.Module):
    """Convolution–BatchNorm–ReLU twice with a skip, the mean over time, two outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv1d(LEADS, 6, 5, padding=2), nn.BatchNorm1d(6)
        self.relu1 = nn.ReLU()
        self.conv2, self.norm2 = nn.Conv1d(6, 6, 3, padding=1), nn.BatchNorm1d(6)
        self.relu2 = nn.ReLU()
        self.head = nn.Linear(6, 2)

    def rectify1(self, x: Tensor) -> Tensor:
        return self.relu1(x)

    def rectify2(self, x: Tensor) -> Tensor:
        return self.relu2(x)

    def forward(self, x: Tensor) -> Tensor:
        x = self.rectify1(self.norm1(self.conv1(x)))
        x = x + self.rectify2(self.norm2(self.conv2(x)))
        return self.head(x.mean(-1))


class WithFunctionalReLU(Residual):
    def rectify1(self, x: Tensor) -> Tensor:
        return functional.relu(x)

    def rectify2(self, x: Tensor) -> Tensor:
        return functional.relu(x)


class WithMethodReLU(Residual):
    def rectify2(self, x: Tensor) -> Tensor:
        return x.relu()


class WithReusedReLU(Residual):
    def rectify2(self, x: Tensor) -> Tensor:
        return self.relu1(x)


class WithReLUInPlace(Residual):
    def __init__(self) -> None:
        super().__init__()
        self.relu1, self.relu2 = nn.ReLU(inplace=True), nn.ReLU(inplace=True)


class WithGelu(Residual):
    def rectify2(self, x: Tensor) -> Tensor:
        return functional.gelu(x)


class WithClamp(Residual):
    def rectify2(self, x: Tensor) -> Tensor:
        return x.clamp(min=0)


class WithGate(Residual):
    """A product of two things that depend on the ECG: it has no rescale rule."""

    def rectify2(self, x: Tensor) -> Tensor:
        return self.relu2(x) * x.sigmoid()


class SkipAroundReLU(Residual):
    """What goes into the first ReLU also goes past it."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm1(self.conv1(x))
        x = x + self.rectify2(self.norm2(self.conv2(self.rectify1(x))))
        return self.head(x.mean(-1))


class SkipAroundReLUInPlace(SkipAroundReLU):
    """The same text with another meaning: the first ReLU overwrites what goes past it."""

    def __init__(self) -> None:
        super().__init__()
        self.relu1 = nn.ReLU(inplace=True)


class Linear(nn.Module):
    """Weights on every point: every method's map is known."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(LEADS * TIME, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(x.flatten(1))


def filled(net: Network, seed: int = 5) -> Network:
    """The network in evaluation mode with weights and BatchNorm statistics of this seed."""
    own = torch.Generator().manual_seed(seed)
    for value in (*net.parameters(), *net.buffers()):
        if value.is_floating_point():
            value.data = torch.randn(value.shape, generator=own) * 0.3
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d) and module.running_var is not None:
            module.running_var.data = 0.5 + module.running_var.abs()
            module.weight.data = 1 + module.weight.data
    return net.eval()


def others() -> Tensor:
    """The background: some ECGs that are not those explained."""
    return ecgs(5, seed=9) + 1.0  # not around 0 µV: another baseline than zeros


def ecgs(count: int = 3, seed: int = 1) -> Tensor:
    """Smooth random signals of some µV."""
    own = torch.Generator().manual_seed(seed)
    return torch.randn(count, LEADS, TIME, generator=own).cumsum(-1)
