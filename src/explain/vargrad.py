"""VarGrad: the variance of the gradient over noisy copies (Adebayo 2018)."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from .bounds import at_least
from .context import Context
from .noise import map_of_noisy_gradients


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
        def summed_up(each: Float[Tensor, "copy lead time"]) -> Float[Tensor, "lead time"]:
            return each.var(dim=0, correction=0)

        return map_of_noisy_gradients(
            summed_up, net, x, target, context, copies=self.copies, noise=self.noise
        )
