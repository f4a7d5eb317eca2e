"""SmoothGrad: the mean gradient of noisy copies (Smilkov 2017)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .gradient import gradients_along
from .noise import noisy_copies


@dataclass(frozen=True)
class SmoothGrad:
    """The mean gradient of `copies` ECGs with noise of SD `noise` × range of the ECG.

    `signed=False` averages |gradient| instead, as the code of Storås 2025 did.
    """

    copies: int = 25
    noise: float = 0.02
    signed: bool = True

    version: ClassVar[int] = 1
    any_network: ClassVar[bool] = True

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        generators: Sequence[torch.Generator],
    ) -> Float[Tensor, "batch lead time"]:
        # ECG by ECG: the copies of one already fill a pass, and its map depends on no other.
        return torch.stack(
            [self._of_one(net, *one, target) for one in zip(x, generators, strict=True)]
        )

    def _of_one(
        self, net: nn.Module, one: Float[Tensor, "lead time"], own: torch.Generator, target: int
    ) -> Float[Tensor, "lead time"]:
        gradients = gradients_along(net, noisy_copies(one, self.copies, self.noise, own), target)
        return (gradients if self.signed else gradients.abs()).mean(dim=0)
