"""Unit of a map, slope (per µV) or contribution, and the change of the output it predicts.

The rules of docs/effects.md, written before anything was measured.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from ecglens.engine import accelerate, called
from ecglens.eval import Subject
from ecglens.explain import Inputs, attribute, controls
from ecglens.models import UnknownEcg, WithEach, device_of
from jaxtyping import Float, Float64
from torch import Tensor, nn

from .yardstick import PerPair, cosine, share

# ECGs tried: a map that is 0 on one has no unit there.
PROBES = 2
# Halfway, as a ratio, between a slope's ½ and a contribution's 1.
BETWEEN = 0.5**0.5


class Halved(nn.Module):
    """Reads ECGs of twice the size as the network reads them; exact, as 2 is its own float."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Float[Tensor, "batch lead time"], **values: Tensor) -> Any:
        """Output for half of each ECG, with the values beside it as they are."""
        return called(self.net, x / 2, values)


def slopes(net: nn.Module, subject: Subject, names: Iterable[str]) -> dict[str, bool]:
    """True for methods whose maps are slopes on this network.

    Controls are contributions, as is a method that has no map of some of these ECGs: where it has
    none of the ECGs that are scored, it is left out there, with its reason.
    """
    fast = accelerate(net).eval()
    halved = Halved(fast).eval()
    if isinstance(fast, WithEach):  # it knows ECGs of this size alone
        x = subject.ecgs.x[:PROBES].to(device_of(fast))
        halved = WithEach(Halved(fast.body), 2 * x, fast.of(x)).eval()
    known = dict.fromkeys(controls(), False)
    return {
        name: known[name] if name in known else _is_slope(name, fast, halved, subject)
        for name in names
    }


def _is_slope(name: str, net: nn.Module, halved: nn.Module, subject: Subject) -> bool:
    try:
        sizes = [_size(name, one, scale, subject) for one, scale in ((net, 1.0), (halved, 2.0))]
    except UnknownEcg:
        raise
    except ValueError:
        return False
    return sizes[1] < BETWEEN * sizes[0]


def _size(name: str, net: nn.Module, scale: float, subject: Subject) -> float:
    x, _, segments, record = subject.ecgs
    device, background = device_of(net), subject.background
    maps = attribute(
        subject.methods[name],
        net,
        scale * x[:PROBES].to(device),
        subject.output,
        subject.seed,
        inputs=Inputs(
            records=record[:PROBES],
            segments=segments[:PROBES].to(device),
            background=None if background is None else scale * background.to(device),
        ),
    )
    return float(torch.linalg.vector_norm(maps.double()))


# Below this share of an ECG's largest |Δf| a change has no sign worth asking for.
LEAST = 0.01

Maps = Float[np.ndarray, "pair ecg lead time"]


def predicted(before: Maps, after: Maps, change: Maps, slope: bool) -> PerPair:
    """Σ ½(a₀ + a₁)·Δx for a slope, Σ (a₁ − a₀) where Δx ≠ 0 for a contribution; in float64."""
    before, after = before.astype(np.float64), after.astype(np.float64)
    terms = (before + after) / 2 * change if slope else (after - before) * (change != 0)
    return terms.sum((2, 3))


def share_moved(before: Maps, after: Maps, change: Maps) -> PerPair:
    """The share of |a|, of both ECGs together, on the points that moved; NaN for maps of 0."""
    size = np.abs(before.astype(np.float64)) + np.abs(after)
    return share((size * (change != 0)).sum((2, 3)), size.sum((2, 3)))


def same_sign(predicted: PerPair, moved: PerPair) -> Float64[np.ndarray, " ecg"]:
    """The share of pairs whose sign is right, half for a 0, of those with a large enough |Δf|."""
    size = np.abs(moved)
    largest = np.nanmax(np.where(np.isfinite(size), size, 0), 0)
    large = np.isfinite(size) & (size >= LEAST * largest) & (largest > 0)
    points = (1 + np.sign(predicted) * np.sign(moved)) / 2
    return share(np.where(large, points, 0).sum(0), large.sum(0))


def weighted(shares: PerPair, moved: PerPair) -> Float64[np.ndarray, " ecg"]:
    """The mean share over pairs, weighted by |Δf|; NaN where nothing moved or a map is 0."""
    size = np.abs(moved)
    there = np.isfinite(shares) & np.isfinite(size)
    return share(np.where(there, shares * size, 0).sum(0), np.where(there, size, 0).sum(0))


def pair_scores(
    expected: PerPair, shares: PerPair, moved: PerPair
) -> dict[str, Float64[np.ndarray, " ecg"]]:
    """Measures of each ECG by name, from `predicted`, `share_moved` and Δf; NaN without a pair."""
    return {
        "cosine": cosine(expected, moved),
        "sign": same_sign(expected, moved),
        "moved": weighted(shares, moved),
    }
