"""Gradient SHAP: expected gradients between a baseline and noisy copies (Lundberg 2017)."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .bounds import at_least
from .context import Context
from .gradient import ecg_by_ecg, gradients_along
from .noise import noisy_copies


@dataclass(frozen=True)
class GradientShap:
    """The mean over noisy copies z of z × gradient at a random point between 0 µV and z.

    The map sums to E[f(z)] − f(0) in expectation only. `multiply_by_inputs=False` leaves the
    gradients unmultiplied, as the code of Storås 2025 did. Raises ValueError for fewer than 1
    sample or negative noise.
    """

    samples: int = 50
    noise: float = 0.02
    multiply_by_inputs: bool = True

    version: ClassVar[int] = 1
    any_network: ClassVar[bool] = True

    def __post_init__(self) -> None:
        at_least(1, samples=self.samples)
        at_least(0, noise=self.noise)

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        def map_of_one(
            one: Float[Tensor, "lead time"], own: torch.Generator
        ) -> Float[Tensor, "lead time"]:
            copies = noisy_copies(one, self.samples, self.noise, own)
            fraction = torch.rand((self.samples, 1, 1), generator=own).to(one)
            gradients = gradients_along(net, fraction * copies, target)
            return (gradients * copies if self.multiply_by_inputs else gradients).mean(dim=0)

        return ecg_by_ecg(map_of_one, x, context.generators)
