"""Networks whose output moves by hard steps, each too small for a discontinuity.

Each has a weak part with a gradient, so that a gradient is there and agrees with small steps.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

MV, LEADS = 1e-3, 12


class WithWeakPart(nn.Module):
    """What a subclass counts, all for the output, and a weak mean that has a gradient."""

    features = 64

    def __init__(self) -> None:
        super().__init__()
        self.head, self.weak = nn.Linear(self.features, 1), nn.Conv1d(LEADS, 1, 9)
        with torch.no_grad():
            self.head.weight.abs_()

    def counted(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        return 20 * self.head(self.counted(MV * x)) + 1e-3 * self.weak(MV * x).mean(-1)


class Rocket(nn.Module):
    """Share of positive values of random convolutions, dominant, and maxima (Dempster 2020)."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            nn.Conv1d(LEADS, 8, 9, dilation=far, padding=4 * far)
            for far in (1, 2, 4, 8, 16, 24, 32, 48)
        )
        self.head = nn.Linear(128, 1)
        with torch.no_grad():
            self.head.weight[:, :64] *= 20
            self.head.weight[:, 64:] *= 0.02

    def forward(self, x: Tensor) -> Tensor:
        z = torch.cat([conv(MV * x) for conv in self.convolutions], 1)
        return self.head(torch.cat([(z > 0).float().mean(-1), z.amax(-1)], 1))


class Codebook(WithWeakPart):
    """How often each of several codewords is the nearest one to a value: a bag of words."""

    words = 8

    def __init__(self) -> None:
        super().__init__()
        self.filter = nn.Conv1d(LEADS, self.features, 25, padding=12)
        self.register_buffer("book", torch.linspace(0, 1, self.words))

    def counted(self, x: Tensor) -> Tensor:
        away = self.filter(x).abs()[..., None] - self.get_buffer("book")
        return away.abs().argmin(-1).float().mean(-1) / self.words


class OrdinalPatterns(WithWeakPart):
    """How often each order of four samples occurs in each lead (Bandt & Pompe 2002)."""

    features = 6 * LEADS

    def counted(self, x: Tensor) -> Tensor:
        one, two, three, four = (torch.roll(x, -8 * by, -1)[..., :-24] for by in range(4))
        pairs = ((one, two), (one, three), (one, four), (two, three), (two, four), (three, four))
        return torch.cat([(a > b).float().mean(-1) for a, b in pairs], 1)


class Stumps(WithWeakPart):
    """How many of many filtered values are far from 0, each beyond a threshold of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.filter = nn.Conv1d(LEADS, self.features, 15)

    def counted(self, x: Tensor) -> Tensor:
        z = self.filter(x)
        thresholds = (torch.arange(z.shape[-1], device=x.device) * 0.618 % 1) * 0.5
        return (z.abs() > thresholds).float().mean(-1)


class Spiking(WithWeakPart):
    """Leaky integrators that spike above a threshold; their rates are read."""

    def __init__(self) -> None:
        super().__init__()
        self.drive = nn.Conv1d(LEADS, self.features, 9)

    def counted(self, x: Tensor) -> Tensor:
        drive = self.drive(x).abs()
        voltage, spikes = torch.zeros_like(drive[..., 0]), torch.zeros_like(drive[..., 0])
        for at in range(drive.shape[-1]):
            voltage = 0.9 * voltage + drive[..., at]
            spike = (voltage > 0.5).float()
            voltage, spikes = voltage * (1 - spike), spikes + spike
        return spikes / drive.shape[-1]


HARD: dict[str, Callable[[], nn.Module]] = {
    "ROCKET": Rocket,
    "codebook": Codebook,
    "ordinal patterns": OrdinalPatterns,
    "stumps": Stumps,
    "spikes": Spiking,
}


def hard(name: str) -> nn.Module:
    """The network with random weights, in evaluation mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return HARD[name]().eval()
