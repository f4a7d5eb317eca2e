"""Networks set by hand, and the true contribution of each point of an ECG to their output.

The truth is the Aumann–Shapley share from 0 µV along the straight line to the ECG,
A_i = x_i ∫₀¹ ∂f/∂x_i(αx) dα (Aumann & Shapley 1974; integrated gradients, Sundararajan 2017): it
adds up to f(x) − f(0), and f(0) is 0 here. For sums of products it is the Shapley value as well.
The formula is no part of the module, which is all that an attribution method is given.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import torch
from ecglens.ecg import BEAT_LENGTH, LEADS, R_INDEX
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

# Samples of an exact beat, R peak at 250: ± 12 ms around R; 160–280 ms after it, where T peaks.
R_WAVE, T_WAVE = (R_INDEX - 6, R_INDEX + 7), (R_INDEX + 80, R_INDEX + 140)
# The edge detector compares 10 ms with the 10 ms before. Exact beats rise by at least 126 µV so
# at R in V5 and by at most 110 µV at T: the threshold lies between.
EDGE_SAMPLES, EDGE_UV = 5, 120.0

Ecgs = Float[Tensor, "batch lead time"]
Readings = Float[Tensor, "batch reading"]
Outputs = Float[Tensor, " batch"]


def window(lead: str, span: tuple[int, int], size: float = 1.0) -> Float[Tensor, "12 600"]:
    """Weights of a mean over a span of samples of one lead, in the shape of half a sine."""
    first, last = span
    weights = torch.zeros(len(LEADS), BEAT_LENGTH)
    half_sine = torch.sin(torch.pi * (torch.arange(last - first) + 0.5) / (last - first))
    weights[LEADS.index(lead), first:last] = size * half_sine / half_sine.sum()
    return weights


class HandSet(nn.Module, ABC):
    """Reads some weighted means z of the ECG, in µV, and makes one output of them."""

    weights: Tensor

    def __init__(self, *readings: Float[Tensor, "lead time"]) -> None:
        super().__init__()
        self.register_buffer("weights", torch.stack(readings))
        self.eval()

    def forward(self, x: Ecgs) -> Float[Tensor, "batch 1"]:
        return self.combined(self.readings(x))[:, None]

    def readings(self, x: Ecgs) -> Readings:
        """The weighted means z in µV."""
        return torch.einsum("blt,rlt->br", x, self.weights)

    @abstractmethod
    def combined(self, z: Readings) -> Outputs:
        """The output made of the readings."""


class Mean(HandSet):
    """f = mean of z: linear."""

    def combined(self, z: Readings) -> Outputs:
        return z.mean(1)


class Maximum(Mean):
    """f = max of z, which are copies of one fact: by symmetry each has the same share."""

    def combined(self, z: Readings) -> Outputs:
        return z.amax(1)


class Vote(Mean):
    """f = median of z, three copies of one fact: one copy may say what it likes."""

    def combined(self, z: Readings) -> Outputs:
        return z.median(1).values


class Product(HandSet):
    """f = z₁ z₂ in µV · mV: each point of one wave shares half of it with the other wave."""

    def combined(self, z: Float[Tensor, "batch 2"]) -> Outputs:
        return z.prod(1) / 1e3


class Edge(nn.Module):
    """f = Σ_t max(z_t − θ, 0), z_t the rise of one lead at t.

    The rise is the mean after t − that before it.
    """

    kernel: Tensor

    def __init__(self, lead: str) -> None:
        super().__init__()
        self.lead = LEADS.index(lead)
        step = torch.ones(EDGE_SAMPLES) / EDGE_SAMPLES
        self.register_buffer("kernel", torch.cat([-step, step])[None, None])
        self.eval()

    def forward(self, x: Ecgs) -> Float[Tensor, "batch 1"]:
        return functional.relu(self.rise(x) - EDGE_UV).sum(-1)

    def rise(self, x: Ecgs) -> Float[Tensor, "batch 1 place"]:
        """z in µV at each place."""
        return functional.conv1d(x[:, self.lead, None], self.kernel)


# Three ways of reading lead II which share no lead: Einthoven's and Goldberger's equations.
COPIES_OF_II: Sequence[Mapping[str, float]] = (
    {"II": 1.0},
    {"I": 1.0, "III": 1.0},
    {"aVF": 2 / 3, "aVR": -2 / 3},
)
_COPIES = [
    sum((window(lead, T_WAVE, size) for lead, size in sizes.items()), torch.tensor(0.0))
    for sizes in COPIES_OF_II
]

NETWORKS: Mapping[str, HandSet | Edge] = {
    "window": Mean(window("V5", T_WAVE)),  # T in V5, always above 0
    "signed": Mean(window("III", T_WAVE)),  # T in III, of either sign
    "edge": Edge("V5"),
    "two leads, mean": Mean(*_COPIES[:2]),
    "two leads, max": Maximum(*_COPIES[:2]),
    "three votes": Vote(*_COPIES),
    "product": Product(window("V5", R_WAVE), window("V5", T_WAVE)),
}


# Samples after the R peak. T peaks between 120 and 400 ms after R in exact beats.
T_SEARCH = (60, 200)
PEAK_SAMPLES, PEAK_STEP = 20, 5  # the mean of 40 ms, looked for every 10 ms


class Largest(HandSet):
    """f = max of z, which are different facts: the largest has the whole share."""

    def combined(self, z: Readings) -> Outputs:
        return z.amax(1)


_STARTS = range(R_INDEX + T_SEARCH[0], R_INDEX + T_SEARCH[1] - PEAK_SAMPLES + 1, PEAK_STEP)
ELSEWHERE: Mapping[str, HandSet] = {
    "moving wave": Largest(*(window("V5", (at, at + PEAK_SAMPLES)) for at in _STARTS)),
    "tallest lead": Largest(*(window(f"V{number}", T_WAVE) for number in range(1, 7))),
}


def truth_of(net: nn.Module, x: Ecgs) -> Ecgs:
    """Contribution of each point to the output; raises ValueError where no formula is known."""
    if isinstance(net, Edge):
        # A place opens where αz_t = θ, so its share of what it reads is (z_t − θ) / z_t.
        rise = net.rise(x)
        open_ = functional.relu(rise - EDGE_UV)
        found = torch.zeros_like(x)
        of_places = torch.where(open_ > 0, open_ / rise, 0.0)
        found[:, net.lead] = functional.conv_transpose1d(of_places, net.kernel)[:, 0]
        return found * x
    # Of the others ∫₀¹ ∂f/∂z_r(αz) dα, what a µV of each reading contributes.
    if isinstance(net, Mean):  # and its copies of one fact
        z = net.readings(x)
        shares = torch.full_like(z, 1 / z.shape[1])
    elif isinstance(net, Product):
        shares = net.readings(x).flip(1) / 2e3
    elif isinstance(net, Largest):
        # The order of z is the same all along the line, so the share is the gradient at the ECG.
        z = net.readings(x)
        shares = functional.one_hot(z.argmax(1), z.shape[1]).to(z.dtype)
    else:
        raise ValueError(
            f"expected a network whose truth is known, got {type(net).__name__}; take one of "
            "ecglens_benchmark.meta_evaluation.NETWORKS"
        )
    return x * torch.einsum("br,rlt->blt", shares, net.weights)


STEPS = 64  # of the line from the mean ECG; kinks of a maximum move by 1/128 of it at most


def truth_from_mean(
    net: nn.Module, x: Ecgs, mean: Float[Tensor, "lead time"] | None = None, steps: int = STEPS
) -> Ecgs:
    """Aumann–Shapley share from a mean ECG in place of 0 µV, by the midpoint rule.

    `mean` is that of these ECGs where it is not given; the network has one output.
    """
    away, found = x - (x.mean(0) if mean is None else mean), torch.zeros_like(x)
    for step in range(steps):
        point = (x - away * (1 - (step + 0.5) / steps)).requires_grad_()
        found += torch.autograd.grad(net(point).sum(), point)[0] / steps
    return found * away
