"""A network: two convolutions and the mean over time."""

from jaxtyping import Float
from torch import Tensor, nn


class TwoConvolutions(nn.Module):
    """Outputs (batch, targets) of ECGs (batch, 12, time) in mV."""

    def __init__(self, targets: int = 1, channels: int = 16) -> None:
        super().__init__()
        self.first = nn.Conv1d(12, channels, 15, padding="same")
        self.second = nn.Conv1d(channels, channels, 15, padding="same")
        # One module per use, so that methods which change ReLUs can tell them apart.
        self.relus = nn.ModuleList([nn.ReLU(), nn.ReLU()])
        self.pool = nn.AvgPool1d(4)
        self.mean = nn.AdaptiveAvgPool1d(1)
        self.head = nn.Linear(channels, targets)

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """One row of outputs per ECG."""
        features = self.pool(self.relus[0](self.first(x)))
        features = self.relus[1](self.second(features))
        return self.head(self.mean(features).flatten(1))
