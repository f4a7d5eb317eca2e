"""LRP with a rule for each depth of the network (Montavon 2019; Kohlbrenner 2020)."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from .bounds import at_least
from .context import Context
from .lrp_layers import LayerRules
from .lrp_rule import relevance


@dataclass(frozen=True)
class LrpComposite:
    """Epsilon in dense layers, gamma in convolutions, and w² at the ECG, with BatchNorm folded.

    The composite of Kohlbrenner 2020 with the gamma rule (Montavon 2019) for α1β0, which is gamma
    without bound. At the ECG the w² rule, for inputs of either sign (Montavon 2017), shares out by
    the first layer's weights alone: a flat lead gets its part. `flat` shares out evenly, so that
    every lead gets the same. Raises ValueError for negative settings, and where the relevance
    misses f(x) less what biases and epsilon absorbed, as when a skip leads round the first layer.
    """

    epsilon: float = 0.25
    gamma: float = 0.25
    flat: bool = False

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        at_least(0, epsilon=self.epsilon, gamma=self.gamma)

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        rules = LayerRules(self.gamma, power=0 if self.flat else 2)
        return relevance(net, x, target, self.epsilon, rules)
