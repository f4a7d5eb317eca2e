"""LRP-ε: layer-wise relevance propagation with the epsilon rule (Bach 2015)."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from .bounds import at_least
from .context import Context
from .lrp_rule import relevance


@dataclass(frozen=True)
class LrpEpsilon:
    """Contributions handed down layer by layer; weak and contradictory ones are absorbed.

    Bach 2015, equation 58, with `epsilon` × the RMS of the layer's values in this ECG (Montavon
    2019) at every activation, BatchNorm being part of the layer before. Epsilon 0 is input ×
    gradient where all activations are ReLUs. Raises ValueError for a negative epsilon, and where
    the relevance misses f(x) less what biases and epsilon absorbed, as with attention.
    """

    epsilon: float = 0.25

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        at_least(0, epsilon=self.epsilon)

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        return relevance(net, x, target, self.epsilon)
