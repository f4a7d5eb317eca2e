"""VarGrad: the variance of the gradient over noisy copies (Adebayo 2018)."""

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
class VarGrad:
    """The variance of the gradient over `copies` ECGs with noise of SD `noise` × range of the ECG.

    Over the copies at hand, so that SmoothGrad² is VarGrad plus SmoothGrad squared. It has no
    sign, and is 0 wherever the network is linear. Raises ValueError for fewer than 2 copies or
    negative noise.
    """

    copies: int = 25
    noise: float = 0.02

    version: ClassVar[int] = 1
    any_network: ClassVar[bool] = True

    def __post_init__(self) -> None:
        at_least(2, copies=self.copies)
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
            return gradients.var(dim=0, correction=0)

        return ecg_by_ecg(map_of_one, x, context.generators)
