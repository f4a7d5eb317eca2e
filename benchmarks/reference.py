"""What is measured on: the network of Storås 2025, exact ECGs and heatmaps of distinct values."""

import copy
from typing import NamedTuple

import numpy as np
import torch
from ecglens.ecg import draw_exact, exact_beat, exact_record
from ecglens.engine import accelerate, generator
from ecglens.models import ReferenceResNet
from jaxtyping import Float
from torch import Tensor, nn

# ECGs that set BatchNorm's statistics: enough that every channel is alive on some of them.
CALIBRATION = 8


class Networks(NamedTuple):
    """The same weights twice: with torch's own convolutions, and as the application uses them."""

    plain: nn.Module
    ours: nn.Module


def networks(device: torch.device | str = "cpu") -> Networks:
    """The reference network in evaluation mode, untrained: that changes no time."""
    torch.manual_seed(0)
    plain = with_torchs_convolutions(ReferenceResNet())
    for module in plain.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.momentum = None  # its statistics are those of the one batch that follows
    with torch.no_grad():
        accelerate(plain)(ecgs(CALIBRATION, 600))
    plain.eval().to(device)
    return Networks(plain, accelerate(plain))


def with_torchs_convolutions(net: nn.Module) -> nn.Module:
    """The network, whose convolutions are now those of torch."""
    for module in net.modules():
        if isinstance(module, nn.Conv1d):
            module.__class__ = nn.Conv1d
    return net


def fresh(nets: Networks) -> Networks:
    """Copies of their own weights, for tasks that change them or their gradients."""
    return Networks(*(copy.deepcopy(net) for net in nets))


def ecgs(count: int, length: int) -> Float[Tensor, "count 12 {length}"]:
    """Exact ECGs in µV: beats up to 600 samples long, else strips, cut to this length."""
    drawn = [draw_exact(0, index) for index in range(count)]
    make = exact_beat if length <= 600 else exact_record
    signals = [make(parameters, noise_uv=10.0).signal[:, :length] for parameters in drawn]
    return torch.from_numpy(np.stack(signals).astype(np.float32))


def heatmaps(x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch lead time"]:
    """Every point of an ECG another whole number: points in random order, none of them tied."""
    points = x[0].numel()
    orders = [
        torch.randperm(points, generator=generator(0, "benchmark", ecg)) for ecg in range(len(x))
    ]
    return (1.0 + torch.stack(orders)).reshape(x.shape).to(x)
