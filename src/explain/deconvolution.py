"""Deconvolution (Zeiler & Fergus 2014)."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from .context import Context
from .relu_rule import DeconvolvedReLU, rectified_gradient


@dataclass(frozen=True)
class Deconvolution:
    """The gradient with every ReLU applied to what comes back instead of to what went forward.

    The map hardly depends on the ECG. Raises ValueError when the network rectifies with anything
    but ReLU.
    """

    version: ClassVar[int] = 1

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        return rectified_gradient(net, x, target, DeconvolvedReLU)
