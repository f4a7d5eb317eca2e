"""SmoothGrad²: the mean squared gradient of noisy copies (Hooker 2019)."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from .bounds import at_least
from .context import Context
from .noise import map_of_noisy_gradients


@dataclass(frozen=True)
class SmoothGradSquared:
    """The mean of gradient² of `copies` ECGs with noise of SD `noise` × range of the ECG.

    SmoothGrad-Squared of Hooker 2019, section 3. Without a sign: what raises the output and what
    lowers it look the same. Raises ValueError for fewer than 1 copy or negative noise.
    """

    copies: int = 25
    noise: float = 0.02

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
        def summed_up(each: Float[Tensor, "copy lead time"]) -> Float[Tensor, "lead time"]:
            return (each**2).mean(dim=0)

        return map_of_noisy_gradients(
            summed_up, net, x, target, context, copies=self.copies, noise=self.noise
        )
