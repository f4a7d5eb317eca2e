"""InceptionTime (Ismail Fawaz et al. 2020), one network of its ensemble."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import pad

KERNELS = (40, 20, 10)
BRANCH = 32  # channels of each branch of a block
OUT = (len(KERNELS) + 1) * BRANCH  # a branch per kernel, and one of the pooled input
KERAS_EPS = 1e-3  # of its BatchNorm


class InceptionTime(nn.Module):
    """Network of Ismail Fawaz 2020 as in their Keras code, without the last softmax: logits.

    491 905 parameters for 12 leads and one target. Six Inception blocks with a sum around each
    three, the mean over time and a linear layer; any input length. The paper averages five such
    networks. It published no names for PyTorch: these are our own, in the order of its Keras code,
    so that `load_weights` can read its HDF5 files.
    """

    def __init__(self, targets: int = 1, leads: int = 12) -> None:
        super().__init__()
        self.part1 = _Part(leads)
        self.part2 = _Part(OUT)
        self.fc = nn.Linear(OUT, targets)

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """One row of outputs per ECG."""
        return self.fc(self.part2(self.part1(x)).mean(-1))


class _Part(nn.Module):
    """Three blocks, plus what entered them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.blocks = nn.Sequential(_Block(channels), _Block(OUT), _Block(OUT))
        self.shortcut = nn.Sequential(nn.Conv1d(channels, OUT, 1, bias=False), _norm())
        self.relu = nn.ReLU()

    def forward(self, x: Float[Tensor, "batch in time"]) -> Float[Tensor, "batch 128 time"]:
        return self.relu(self.shortcut(x) + self.blocks(x))


class _Block(nn.Module):
    """Convolutions of three lengths side by side, and a maximum of the block's own input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bottleneck = nn.Conv1d(channels, BRANCH, 1, bias=False)
        self.convs = nn.ModuleList(nn.Conv1d(BRANCH, BRANCH, k, bias=False) for k in KERNELS)
        self.pool = nn.MaxPool1d(3, stride=1, padding=1)
        self.pool_conv = nn.Conv1d(channels, BRANCH, 1, bias=False)
        self.norm = _norm()
        self.relu = nn.ReLU()

    def forward(self, x: Float[Tensor, "batch in time"]) -> Float[Tensor, "batch 128 time"]:
        narrow = self.bottleneck(x)
        branches = [
            # As Keras pads: the odd sample at the end.
            conv(pad(narrow, ((k - 1) // 2, k // 2)))
            for conv, k in zip(self.convs, KERNELS, strict=True)
        ]
        return self.relu(self.norm(torch.cat([*branches, self.pool_conv(self.pool(x))], 1)))


def _norm() -> nn.BatchNorm1d:
    return nn.BatchNorm1d(OUT, KERAS_EPS)
