"""Networks set by hand with drawn weights, of layers that any network has, and their true maps.

The truth is the Aumann–Shapley share from 0 µV (meta_evaluation.networks). It is no part of the
network, which is convolutions, ReLUs and dense layers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from ecglens.ecg import BEAT_LENGTH, LEADS, R_INDEX
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from ..meta_evaluation.networks import window as window_of

Ecgs = Float[Tensor, "ecg lead time"]
Combined = Literal["sum", "largest", "median", "product", "copies"]
# Samples after R: QRS; where T peaks in exact beats; both.
QRS, T = (-12, 16), (60, 200)


@dataclass(frozen=True)
class Readings:
    """f = a combination of weighted means z of the ECG, in units of `scale`.

    "copies" are readings of one fact, of which the largest is taken: each has the same share.
    """

    weights: Float[Tensor, "reading lead time"]
    combined: Combined
    scale: float

    def network(self) -> nn.Module:
        """The formula as a convolution of the whole beat and dense layers."""
        count = len(self.weights)
        conv = nn.Conv1d(self.weights.shape[1], count, self.weights.shape[2], bias=False)
        conv.weight = nn.Parameter(self.weights.clone())
        if self.combined == "product":
            return _Product(conv, self.scale).eval()
        if self.combined == "sum":
            layers = [_dense(torch.full((1, count), 1 / self.scale))]
        elif self.combined == "median":
            layers = _median(self.scale)
        else:
            layers = _largest(count, self.scale)
        return nn.Sequential(conv, nn.Flatten(), *layers).eval()

    def truth(self, x: Ecgs) -> Ecgs:
        """Contribution of each point to the output."""
        z = torch.einsum("blt,rlt->br", x, self.weights)
        count = z.shape[1]
        if self.combined == "sum":
            shares = torch.ones_like(z)
        elif self.combined == "largest":
            shares = functional.one_hot(z.argmax(1), count).to(z)
        elif self.combined == "product":
            shares = z.flip(1) / 2
        else:
            shares = torch.full_like(z, 1 / count)
        return x * torch.einsum("br,rlt->blt", shares, self.weights) / self.scale


@dataclass(frozen=True)
class Steep:
    """f = Σ_t max(z_t − threshold, 0), z_t a weighted sum of the samples from t on."""

    kernel: Float[Tensor, "lead width"]
    threshold: float
    scale: float

    def network(self) -> nn.Module:
        """A convolution, a ReLU, the mean over time and a dense layer, for any length."""
        conv = nn.Conv1d(len(self.kernel), 1, self.kernel.shape[1])
        conv.weight = nn.Parameter(self.kernel[None].clone())
        conv.bias = nn.Parameter(torch.tensor([-self.threshold]))
        size = torch.full((1, 1), 1e3 / self.scale)
        layers = (nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), _dense(size))
        return nn.Sequential(conv, *layers).eval()

    def truth(self, x: Ecgs) -> Ecgs:
        """Contribution of each point; a place opens where αz_t is at the threshold."""
        z = functional.conv1d(x, self.kernel[None])
        shares = torch.where(z > self.threshold, (z - self.threshold) / z, 0.0)
        found = functional.conv_transpose1d(shares, self.kernel[None])
        return found * x * (1e3 / self.scale / z.shape[2])


HandSet = Readings | Steep


class _Product(nn.Module):
    def __init__(self, conv: nn.Conv1d, scale: float) -> None:
        super().__init__()
        self.conv, self.flat = conv, nn.Flatten()
        self.one = _dense(torch.tensor([[1.0, 0.0]]))
        self.other = _dense(torch.tensor([[0.0, 1.0]]))
        self.last = _dense(torch.full((1, 1), 1 / scale))

    def forward(self, x: Ecgs) -> Float[Tensor, "ecg 1"]:
        z = self.flat(self.conv(x))
        return self.last(self.one(z) * self.other(z))


def _dense(weight: Float[Tensor, "out feature"]) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight, layer.bias = nn.Parameter(weight), nn.Parameter(torch.zeros(len(weight)))
    return layer


def _pairs(count: int) -> tuple[Tensor, Tensor]:
    """Dense weights of max(a, b) = max(a − b, 0) + max(b, 0) − max(−b, 0), pair by pair."""
    into, out = torch.zeros(3 * count // 2, count), torch.zeros(count // 2, 3 * count // 2)
    for pair in range(count // 2):
        a, b, row = 2 * pair, 2 * pair + 1, 3 * pair
        into[row, a], into[row, b], into[row + 1, b], into[row + 2, b] = 1.0, -1.0, 1.0, -1.0
        out[pair, row : row + 3] = torch.tensor([1.0, 1.0, -1.0])
    return into, out


def _rounds(first: Float[Tensor, "leaf reading"]) -> tuple[list[nn.Module], Tensor]:
    """Layers of a tournament of the leaves, and the weights that are left for the last layer."""
    layers, weight = [], first
    while len(weight) > 1:
        into, out = _pairs(len(weight))
        layers += [_dense(into @ weight), nn.ReLU()]
        weight = out
    return layers, weight


def _largest(count: int, scale: float) -> list[nn.Module]:
    leaves = 1 << (count - 1).bit_length()
    first = torch.eye(count)[[min(place, count - 1) for place in range(leaves)]]
    layers, weight = _rounds(first)
    return [*layers, _dense(weight / scale)]


def _median(scale: float) -> list[nn.Module]:
    """The sum of three less the largest, plus the largest of their opposites."""
    three = torch.eye(3)[[0, 1, 2, 2]]
    into, out = _pairs(4)
    again, last = _pairs(2)
    total = torch.ones(1, 3)
    first = torch.cat([into @ three, -into @ three, total, -total])
    # Rows: six of the largest, six of that of the opposites, the sum and its opposite.
    kept = torch.block_diag(again @ out, again @ out, torch.tensor([[1.0, -1.0], [-1.0, 1.0]]))
    end = torch.block_diag(last, last, torch.tensor([[1.0, -1.0]]))
    joined = torch.tensor([[-1.0, 1.0, 1.0]]) @ end / scale
    return [_dense(first), nn.ReLU(), _dense(kept), nn.ReLU(), _dense(joined)]


def window(lead: int, start: int, width: int, size: float = 1.0) -> Float[Tensor, "lead time"]:
    """Weights of a mean over a span of samples of one lead, in the shape of half a sine."""
    return window_of(LEADS[lead], (start, start + width), size)


# Ways of reading a limb lead that share no lead: Einthoven's and Goldberger's equations.
COPIES = (
    ({"I": 1.0}, {"II": 1.0, "III": -1.0}, {"aVL": 2 / 3, "aVR": -2 / 3}),
    ({"II": 1.0}, {"I": 1.0, "III": 1.0}, {"aVF": 2 / 3, "aVR": -2 / 3}),
    ({"III": 1.0}, {"II": 1.0, "I": -1.0}, {"aVF": 2 / 3, "aVL": -2 / 3}),
)


def copies(random: np.random.Generator, count: int) -> Float[Tensor, "reading lead time"]:
    """Readings of one fact: a drawn limb lead and a drawn span, by `count` of its three ways."""
    ways = COPIES[random.integers(len(COPIES))]
    start, width = drawn_span(random)
    chosen = random.permutation(len(ways))[:count]
    return torch.stack(
        [
            sum(
                (window(LEADS.index(lead), start, width, size) for lead, size in way.items()),
                torch.zeros(len(LEADS), BEAT_LENGTH),
            )
            for way in (ways[each] for each in chosen)
        ]
    )


def drawn_span(random: np.random.Generator, within: Sequence[int] = ()) -> tuple[int, int]:
    """First sample and width of 20 to 80 ms within QRS or T, or within samples after R."""
    low, high = within or (QRS, T)[random.integers(2)]
    width = int(random.integers(10, min(40, high - low) + 1))
    return R_INDEX + int(random.integers(low, high - width + 1)), width
