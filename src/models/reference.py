"""The residual network of Storås et al. 2025."""

from jaxtyping import Float
from torch import Tensor, nn

from ..engine import FastAvgPool1d, FftConv1d


class ReferenceResNet(nn.Module):
    """Network of Storås et al. 2025 as in their code: 1 653 313 parameters for one target.

    Two convolutions, eight residual blocks with kernels of 50 samples (200 ms on the halved time
    axis of 500 Hz), the mean over time and a linear layer; any input length from 2 samples on.
    """

    def __init__(self, targets: int = 1, leads: int = 12) -> None:
        super().__init__()
        self.stem = Block(leads, 64, kernels=(8, 3), skip=False)
        self.pool = FastAvgPool1d(2)
        self.blocks = nn.Sequential(*(Block(32, 64, kernels=(50, 50), skip=True) for _ in range(8)))
        self.mean = nn.AdaptiveAvgPool1d(1)
        self.head = nn.Linear(32, targets)

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """One row of outputs per ECG."""
        features = self.blocks(self.pool(self.stem(x)))
        return self.head(self.mean(features).flatten(1))


class Block(nn.Module):
    """Convolution, BatchNorm and ReLU, twice, ending on 32 channels; with `skip`, plus the input.

    Each ReLU is a module of its own and not in place: captum and other tools find a ReLU by its
    module, and the skip needs the block's input.
    """

    def __init__(self, channels: int, middle: int, kernels: tuple[int, int], skip: bool) -> None:
        super().__init__()
        self.conv1 = FftConv1d(channels, middle, kernels[0], padding="same")
        self.norm1 = nn.BatchNorm1d(middle)
        self.relu1 = nn.ReLU()
        self.conv2 = FftConv1d(middle, 32, kernels[1], padding="same")
        self.norm2 = nn.BatchNorm1d(32)
        self.relu2 = nn.ReLU()
        self.skip = skip

    def forward(self, x: Float[Tensor, "batch in time"]) -> Float[Tensor, "batch 32 time"]:
        """Features with as many samples as the input."""
        y = self.relu1(self.norm1(self.conv1(x)))
        y = self.relu2(self.norm2(self.conv2(y)))
        return x + y if self.skip else y
