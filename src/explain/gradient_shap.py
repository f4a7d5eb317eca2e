"""Gradient SHAP: expected gradients between a baseline and noisy copies (Lundberg 2017)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .gradient import gradients_along
from .noise import noisy_copies


@dataclass(frozen=True)
class GradientShap:
    """The mean over noisy copies z of z × gradient at a random point between 0 µV and z.

    The map sums to E[f(z)] − f(0) in expectation only. `multiply_by_inputs=False` leaves the
    gradients unmultiplied, as the code of Storås 2025 did.
    """

    samples: int = 50
    noise: float = 0.02
    multiply_by_inputs: bool = True

    version: ClassVar[int] = 1
    any_network: ClassVar[bool] = True

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        generators: Sequence[torch.Generator],
    ) -> Float[Tensor, "batch lead time"]:
        # ECG by ECG: the samples of one already fill a pass, and its map depends on no other.
        return torch.stack(
            [self._of_one(net, *one, target) for one in zip(x, generators, strict=True)]
        )

    def _of_one(
        self, net: nn.Module, one: Float[Tensor, "lead time"], own: torch.Generator, target: int
    ) -> Float[Tensor, "lead time"]:
        copies = noisy_copies(one, self.samples, self.noise, own)
        fraction = torch.rand((self.samples, 1, 1), generator=own).to(one)
        gradients = gradients_along(net, fraction * copies, target)
        return (gradients * copies if self.multiply_by_inputs else gradients).mean(dim=0)
