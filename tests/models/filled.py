"""Weights and ECGs by a formula, so that every copy of a network gives the same numbers."""

import zlib

import torch
from torch import Tensor, nn


def scattered(shape: torch.Size | tuple[int, ...], start: int = 0) -> Tensor:
    """Float64 numbers in −1…1 without a pattern, the same on every machine."""
    place = torch.arange(start, start + torch.Size(shape).numel(), dtype=torch.float64)
    return (43758.5453 * torch.sin(12.9898 * place)).remainder(1).mul(2).sub(1).reshape(shape)


def fill(net: nn.Module) -> None:
    """Weights by their place and the hash of their name; evaluation mode."""
    state = net.state_dict()
    for name in sorted(state):
        value = state[name]
        if not value.is_floating_point():
            continue
        drawn = scattered(value.shape, zlib.crc32(name.encode()) % 1000)
        if name.endswith("running_var"):
            drawn = 1 + drawn / 2
        elif value.ndim > 1:
            drawn = drawn * (3 / value[0].numel()) ** 0.5  # outputs as large as inputs
        elif name.endswith("weight"):
            drawn = 1 + drawn / 5  # of BatchNorm and LayerNorm
        else:
            drawn = drawn / 10
        value.copy_(drawn)
    net.eval()


def ecgs(batch: int, leads: int, time: int) -> Tensor:
    """(batch, lead, time), no two leads alike."""
    place = torch.arange(time) / 40
    waves = scattered((batch, leads, 1), 7) * torch.sin(place) + torch.sin(
        place * (3 + scattered((batch, leads, 1), 77))
    )
    return waves.float()
