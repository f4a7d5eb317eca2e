"""The Inception network of Ahus for heart failure and Chagas disease."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

KERNELS = (9, 19, 39)
BRANCH = 32  # channels of each branch of a block
OUT = (len(KERNELS) + 1) * BRANCH  # a branch per kernel, and one of the pooled input


class Inception(nn.Module):
    """Network of Stenhede 2025 (heart failure) and team Ahus AIM (Chagas, Moody Challenge 2025).

    483 904 parameters for eight leads and one target. Two convolutions that halve the time axis,
    six Inception blocks with a sum around each three, the mean over time and a linear layer; any
    input length from 13 samples on. Its published weights want aVL, aVF, V1…V6, each lead with mean
    0 and SD 1, and give a logit.
    """

    def __init__(self, targets: int = 1, leads: int = 8) -> None:
        super().__init__()
        self.down_layers = nn.Sequential(*_halving(leads), *_halving(BRANCH))
        self.inception_network = _Blocks(targets)

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """One row of outputs per ECG."""
        return self.inception_network(self.down_layers(x))


def _halving(channels: int) -> tuple[nn.Module, ...]:
    conv = nn.Conv1d(channels, BRANCH, 5, stride=2)
    return conv, nn.BatchNorm1d(BRANCH), nn.GELU()


class _Blocks(nn.Module):
    """Six blocks; what entered three blocks before is added after the third and the last."""

    def __init__(self, targets: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(_Block(BRANCH if k == 0 else OUT) for k in range(6))
        self.shortcuts = nn.ModuleList((_Shortcut(BRANCH), _Shortcut(OUT)))
        self.activations = nn.ModuleList((nn.GELU(), nn.GELU()))
        self.fc = nn.Linear(OUT, targets, bias=False)

    def forward(self, x: Float[Tensor, "batch 32 time"]) -> Float[Tensor, "batch target"]:
        for part, (shortcut, activation) in enumerate(
            zip(self.shortcuts, self.activations, strict=True)
        ):
            before = x
            for block in self.blocks[3 * part : 3 * part + 3]:
                x = block(x)
            x = activation(x + shortcut(before))
        return self.fc(x.mean(-1))


class _Block(nn.Module):
    """Convolutions of three lengths side by side, and a maximum of the block's own input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bottleneck = nn.Conv1d(channels, BRANCH, 1, bias=False)
        self.convs = nn.ModuleList(
            nn.Conv1d(BRANCH, BRANCH, kernel, padding=kernel // 2, bias=False) for kernel in KERNELS
        )
        self.pool_conv = nn.Sequential(
            nn.MaxPool1d(3, stride=1, padding=1), nn.Conv1d(channels, BRANCH, 1, bias=False)
        )
        self.batch_norm = nn.BatchNorm1d(OUT)
        self.activation = nn.GELU()

    def forward(self, x: Float[Tensor, "batch in time"]) -> Float[Tensor, "batch 128 time"]:
        narrow = self.bottleneck(x)
        branches = [conv(narrow) for conv in self.convs]
        return self.activation(self.batch_norm(torch.cat([*branches, self.pool_conv(x)], 1)))


class _Shortcut(nn.Module):
    """A linear map of the channels at each sample."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, OUT, 1, bias=False)
        self.batch_norm = nn.BatchNorm1d(OUT)

    def forward(self, x: Float[Tensor, "batch in time"]) -> Float[Tensor, "batch 128 time"]:
        return self.batch_norm(self.conv(x))
