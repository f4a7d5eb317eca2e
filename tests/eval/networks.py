"""Small networks and ECGs whose truth is known."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import LEADS, R_INDEX, V5, draw_exact, exact_beat, segment_mask
from ecglens.eval import Curves, Gallery, Protocol, Ranking
from ecglens.explain import Context, Method
from torch import Tensor, nn

CONTROLS = ("random", "abs_x", "abs_dx")


class Window(nn.Module):
    """A linear network that reads samples 290…349 of lead V5 (the ST segment and T wave)."""

    first, last = 290, 350

    def __init__(self) -> None:
        super().__init__()
        weights = torch.zeros(12, 600)
        shape = torch.linspace(0, np.pi, self.last - self.first).sin()
        weights[V5, self.first : self.last] = 0.1 * shape
        self.weights = nn.Parameter(weights)

    def forward(self, x: Tensor) -> Tensor:
        return (x * self.weights).sum((1, 2))[:, None]


class WeightedSum(nn.Module):
    """A linear network of these weights."""

    weights: Tensor

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.register_buffer("weights", weights)
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        return torch.einsum("blt,lt->b", x, self.weights)[:, None]


def _wave(lead: str) -> WeightedSum:
    """The mean of half a sine, 160 to 280 ms after R, of a lead."""
    weights = torch.zeros(12, 600)
    half = torch.sin(torch.pi * (torch.arange(60) + 0.5) / 60)
    weights[LEADS.index(lead), R_INDEX + 80 : R_INDEX + 140] = half / half.sum()
    return WeightedSum(weights)


# T of either sign in III, always above 0 in V5.
T_IN = {lead: _wave(lead) for lead in ("V5", "III")}


class Smooth(nn.Module):
    """A non-linear network with two outputs, of any length and number of leads."""

    def __init__(self, leads: int = 12) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            self.convolution = nn.Conv1d(leads, 8, 9, padding=4)
            self.linear = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        return 50 * self.linear(torch.tanh(self.convolution(x / 100)).mean(-1))


@dataclass(frozen=True)
class Contribution(Method):
    """What each point of the ECG adds to a linear network's output."""

    def heatmap(self, net: nn.Module, x: Tensor, target: int, context: Context) -> Tensor:
        return x * net.get_parameter("weights")


@dataclass(frozen=True)
class NoiseMap(Method):
    """Random numbers under another name than the control's."""

    def heatmap(self, net: nn.Module, x: Tensor, target: int, context: Context) -> Tensor:
        return torch.stack([torch.randn(x.shape[1:], generator=own) for own in context.generators])


def exact_ecgs(count: int, start: int = 0) -> Batch:
    """Exact median beats with their T amplitude as the value to read."""
    records = [exact_beat(draw_exact(7, index)) for index in range(start, start + count)]
    masks = [segment_mask(record.marks, 600) for record in records if record.marks]
    return Batch(
        torch.stack([torch.from_numpy(record.signal) for record in records]),
        torch.tensor([[record.labels["t"]] for record in records], dtype=torch.float32),
        torch.from_numpy(np.stack(masks)),
        [record.id for record in records],
    )


def column(ranking: Ranking, name: str) -> dict[str, Any]:
    """A column of a ranking's table by the names of its methods and controls."""
    return dict(zip(ranking.names, ranking.table[name], strict=True))


def made_curves(aucs: dict[str, np.ndarray], protocol: Protocol, **changed: object) -> Curves:
    """Curves with these AUCs of each ECG: each curve rises once, at the first step."""
    predictions = {}
    for name, auc in aucs.items():
        curve = np.zeros((protocol.draws, len(auc), protocol.steps + 1))
        curve[..., 1:] = (auc / (protocol.until - 0.5))[None, :, None]
        predictions[name] = curve
    ecgs = len(next(iter(aucs.values())))
    gallery = Gallery(
        ("0",),
        np.zeros((1, 12, 50), np.float32),
        np.zeros((1, 50), np.int8),
        {name: np.ones((1, 12, 50), np.float32) for name in aucs},
    )
    fields = {
        "protocol": protocol,
        "seed": 0,
        "records": tuple(str(number) for number in range(ecgs)),
        "y": np.full(ecgs, 100.0),
        "predictions": predictions,
        "controls": tuple(name for name in CONTROLS if name in aucs),
        "left_out": {},
        "zero_share": dict.fromkeys(aucs, 0.0),
        "gallery": gallery,
    }
    return Curves(**(fields | changed))  # pyright: ignore[reportArgumentType]
