"""DeepLIFT with the rescale rule from a zero baseline (Shrikumar 2017)."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .context import Context
from .rescale_rule import multipliers

# The share of |f(x) − f(baseline)| by which the contributions may miss it.
TOLERANCE = 1e-3
# Rounding, as a share of what was summed; 1e-7 on the reference network.
ROUNDING = 1e-5


@dataclass(frozen=True)
class DeepLift:
    """How much each point's departure from 0 µV contributes to f(x) − f(0).

    `multiply_by_inputs=False` gives the multipliers, as the code of Storås 2025 did. Raises
    ValueError when the contributions do not add up to f(x) − f(0), as with a recurrent layer.
    """

    multiply_by_inputs: bool = True

    version: ClassVar[int] = 1

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        found, outputs = multipliers(net, x, target, torch.zeros_like(x[0]))
        contributions = found * x
        check_sum(contributions, outputs)
        return contributions if self.multiply_by_inputs else found


def check_sum(
    contributions: Float[Tensor, "batch lead time"], outputs: Float[Tensor, " batch_and_one"]
) -> None:
    """Raise ValueError unless each ECG's contributions add up to f(x) − f(baseline), this last."""
    change = outputs[:-1] - outputs[-1]
    total = contributions.sum(dim=(1, 2))
    summed = contributions.abs().sum(dim=(1, 2)) + outputs[:-1].abs() + outputs[-1].abs()
    excess = (total - change).abs() - TOLERANCE * change.abs() - ROUNDING * summed
    worst = int(excess.argmax())
    if excess[worst] > 0:
        raise ValueError(
            f"expected contributions that add up to f(x) − f(baseline) = {change[worst]:.4g}, got "
            f"{total[worst]:.4g}; the rescale rule knows linear layers, activations of one value "
            "such as ReLU, and max pooling, but no products of what depends on the ECG"
        )
