"""SmoothGrad: the mean gradient of noisy copies (Smilkov 2017)."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .bounds import at_least
from .context import Context
from .gradient import ecg_by_ecg
from .noise import noisy_gradients


@dataclass(frozen=True)
class SmoothGrad:
    """The mean gradient of `copies` ECGs with noise of SD `noise` × range of the ECG.

    `signed=False` averages |gradient| instead, as the code of Storås 2025 did. Raises
    ValueError for fewer than 1 copy or negative noise.
    """

    copies: int = 25
    noise: float = 0.02
    signed: bool = True

    version: ClassVar[int] = 1
    any_network: ClassVar[bool] = True

    def __post_init__(self) -> None:
        at_least(1, copies=self.copies)
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
            gradients = noisy_gradients(net, target, one, self.copies, self.noise, own)
            return (gradients if self.signed else gradients.abs()).mean(dim=0)

        return ecg_by_ecg(map_of_one, x, context.generators)
