"""A small residual network with odd kernels."""

from jaxtyping import Float
from torch import Tensor, nn

from ..engine import FastAvgPool1d, FftConv1d

CHANNELS = 32
KERNEL = 15  # odd: "same" padding then shifts no features, and heatmaps of deep layers lie in place


class SmallResNet(nn.Module):
    """A control for the reference network: 98 625 parameters for one target, our own design.

    A convolution, then three times a halving of the time axis and a residual block, so that an
    output of the last block sees 414 samples (0.8 s at 500 Hz); the mean over time and a linear
    layer. Any input length from 8 samples on.
    """

    def __init__(self, targets: int = 1, leads: int = 12) -> None:
        super().__init__()
        self.conv = FftConv1d(leads, CHANNELS, KERNEL, padding="same")
        self.norm = nn.BatchNorm1d(CHANNELS)
        self.relu = nn.ReLU()
        self.blocks = nn.Sequential(Block(), Block(), Block())
        self.mean = nn.AdaptiveAvgPool1d(1)
        self.head = nn.Linear(CHANNELS, targets)

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """One row of outputs per ECG."""
        features = self.blocks(self.relu(self.norm(self.conv(x))))
        return self.head(self.mean(features).flatten(1))


class Block(nn.Module):
    """Mean of pairs of samples, plus the output of two convolutions of it."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = FastAvgPool1d(2)
        self.conv1 = FftConv1d(CHANNELS, CHANNELS, KERNEL, padding="same")
        self.norm1 = nn.BatchNorm1d(CHANNELS)
        self.relu1 = nn.ReLU()
        self.conv2 = FftConv1d(CHANNELS, CHANNELS, KERNEL, padding="same")
        self.norm2 = nn.BatchNorm1d(CHANNELS)
        self.relu2 = nn.ReLU()

    def forward(self, x: Float[Tensor, "batch 32 time"]) -> Float[Tensor, "batch 32 half"]:
        """Features with half as many samples as the input."""
        x = self.pool(x)
        y = self.relu1(self.norm1(self.conv1(x)))
        return x + self.relu2(self.norm2(self.conv2(y)))
