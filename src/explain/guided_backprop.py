"""Guided Backprop (Springenberg 2015)."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from .context import Context
from .relu_rule import GuidedReLU, rectified_gradient


@dataclass(frozen=True)
class GuidedBackprop:
    """The gradient along the paths on which every ReLU is open and helps the output.

    Raises ValueError when the network rectifies with anything but ReLU.
    """

    version: ClassVar[int] = 1

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        return rectified_gradient(net, x, target, GuidedReLU)
