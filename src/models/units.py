"""A network between the units of the ECG and of the target."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn


class InUnits(nn.Module):
    """Network from µV to the target's unit, around a body whose values are near 1.

    The input is scaled without an offset, so that a baseline of zeros stays 0 µV. Scale, mean and
    standard deviation are buffers: they are saved with the weights.
    """

    x_scale: Tensor
    y_mean: Tensor
    y_sd: Tensor

    def __init__(
        self,
        body: nn.Module,
        y_mean: float | Sequence[float] = 0.0,
        y_sd: float | Sequence[float] = 1.0,
        x_scale: float = 1e-3,  # µV to mV
    ) -> None:
        """One mean and one SD per output of `body`; ValueError when they do not fit together."""
        super().__init__()
        mean, sd = (
            torch.tensor(value, dtype=torch.float32).reshape(-1) for value in (y_mean, y_sd)
        )
        if mean.shape != sd.shape or not bool((sd > 0).all()):
            raise ValueError(
                f"expected one mean and one positive SD per target, got {y_mean=} and {y_sd=}"
            )
        self.body = body
        self.register_buffer("x_scale", torch.tensor(x_scale))
        self.register_buffer("y_mean", mean)
        self.register_buffer("y_sd", sd)

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """Predictions in the target's unit, for ECGs in µV."""
        y = self.body(x * self.x_scale)
        if y.shape != (len(x), len(self.y_mean)):
            raise ValueError(
                f"expected one row per ECG and {len(self.y_mean)} columns from "
                f"{type(self.body).__name__}, got shape {tuple(y.shape)}; an InputSpec says how "
                "to read other outputs (docs/own_network.md)"
            )
        return y * self.y_sd + self.y_mean

    def standardised(self, y: Float[Tensor, "batch target"]) -> Float[Tensor, "batch target"]:
        """Values in the target's unit as multiples of its SD from its mean."""
        return (y - self.y_mean) / self.y_sd
