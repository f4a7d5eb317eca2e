"""Input × gradient (Shrikumar 2016)."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from .context import Context
from .gradient import input_gradient


@dataclass(frozen=True)
class InputXGradient:
    """The contribution of each point to a linearised network, in the target's unit."""

    version: ClassVar[int] = 1
    any_network: ClassVar[bool] = True

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        return x * input_gradient(net, x, target)
