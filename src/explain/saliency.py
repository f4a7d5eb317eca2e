"""Saliency: the gradient itself (Simonyan 2014), signed."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from .context import Context
from .gradient import input_gradient


@dataclass(frozen=True)
class Saliency:
    """How much the output rises per µV at each point.

    Signed as in Storås 2025, where Simonyan 2014 takes the magnitude. A lead that is flat gets as
    much relevance as any other, because nothing is multiplied by the input.
    """

    version: ClassVar[int] = 1
    any_network: ClassVar[bool] = True

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        return input_gradient(net, x, target)
