"""Infidelity (Yeh 2019): does a map say how the output moves when part of the ECG is removed?"""

import torch
from jaxtyping import Bool, Float, Float64
from torch import Tensor

from ....ecg import FS_HZ

# The length of a P wave.
WINDOW_MS = 100.0


def windows(leads: int, time: int, fs_hz: float = FS_HZ) -> Bool[Tensor, "window lead time"]:
    """Every 100 ms of every lead, one after the other; the last of a lead may be shorter."""
    width = round(WINDOW_MS * fs_hz / 1e3)
    place = torch.arange(time) // width
    within = place == torch.arange(int(place.max()) + 1)[:, None]
    return torch.einsum("lk,wt->lwkt", torch.eye(leads), within.float()).flatten(0, 1) > 0


def predicted_change(
    heatmap: Float[Tensor, "lead time"],
    x: Float[Tensor, "lead time"],
    removed: Bool[Tensor, "window lead time"],
    slope: bool,
) -> Float64[Tensor, " window"]:
    """Iᵀa of each window that is set to 0 µV, I/x in place of I for a contribution (captum)."""
    each = heatmap.double() * (x.double() if slope else (x != 0).double())
    return torch.einsum("wlt,lt->w", removed.double(), each)


def infidelity(
    predicted: Float64[Tensor, "*ecg window"], moved: Float64[Tensor, "*ecg window"]
) -> Float64[Tensor, "*ecg"]:
    """Mean of (Iᵀa − (f(x) − f(x − I)))², Yeh 2019, definition 2.1."""
    return (predicted - moved).square().mean(-1)


def scaled(
    predicted: Float64[Tensor, "*ecg window"], moved: Float64[Tensor, "*ecg window"]
) -> Float64[Tensor, "*ecg"]:
    """Infidelity of β·a with the best β, as a share of that of a map of 0; 1 for such a map.

    β is that of Yeh 2019, section 2; the share is ours. NaN where no removal moves the output.
    """
    square = predicted.square().mean(-1)
    beta = torch.where(square > 0, (predicted * moved).mean(-1) / square, 0.0)
    return infidelity(beta[..., None] * predicted, moved) / moved.square().mean(-1)


def scaled_infidelity(
    maps: Float[Tensor, "ecg lead time"],
    x: Float[Tensor, "ecg lead time"],
    moved: Float64[Tensor, "ecg window"],
    slope: bool,
) -> Float64[Tensor, " ecg"]:
    """`scaled` infidelity of each map; `moved` is what `removed` measured on these ECGs."""
    away = windows(*x.shape[1:])
    pairs = zip(maps, x, strict=True)
    return scaled(torch.stack([predicted_change(*pair, away, slope) for pair in pairs]), moved)
