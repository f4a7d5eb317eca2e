"""Layer-wise relevance propagation: one rule throughout, or one for each depth of the network."""

from dataclasses import dataclass
from typing import ClassVar

from ..method import Facts, Method, at_least
from ..rules.layers import LayerRules
from ..rules.relevance import relevance


@dataclass(frozen=True)
class LrpEpsilon(Method):
    """Relevance passed down layer by layer; weak and contradictory contributions are absorbed.

    Bach 2015, equation 58, with `epsilon` × the RMS of the layer's values in this ECG (Montavon
    2019) at every activation; a BatchNorm is part of the layer before it. With epsilon 0 it is
    input × gradient where all activations are ReLUs. Raises ValueError for a negative epsilon, and
    where the relevance misses f(x) less the share of biases and epsilon, as with a product of two
    values that is no gate and no matrix product.
    """

    cites = ("bach2015",)
    epsilon: float = 0.25
    declared = Facts(unit="target", baseline="zero", gradients=2)

    def __post_init__(self) -> None:
        at_least(0, epsilon=self.epsilon)

    def heatmap(self, net, x, target, context):
        return relevance(net, x, target, self.epsilon)


@dataclass(frozen=True)
class LrpComposite(Method):
    """Relevance by epsilon in dense layers, gamma in convolutions, and w² at the ECG.

    The composite of Kohlbrenner 2020 with the gamma rule (Montavon 2019) in place of α1β0, which is
    gamma without bound; a BatchNorm is folded into the convolution before it. At the ECG the w²
    rule, for inputs of either sign (Montavon 2017), divides relevance by the weights of each first
    layer alone: a flat lead gets its share. `flat` divides evenly, so that all leads get the same.
    Raises ValueError for negative settings, and where the relevance misses f(x) less the share of
    biases and epsilon, as when a skip without a layer leads round the first one.
    """

    version: ClassVar[int] = 3
    cites = ("kohlbrenner2020", "montavon2019")
    epsilon: float = 0.25
    gamma: float = 0.25
    flat: bool = False
    declared = Facts(unit="target", baseline="zero", gradients=4)

    def __post_init__(self) -> None:
        at_least(0, epsilon=self.epsilon, gamma=self.gamma)

    def heatmap(self, net, x, target, context):
        rules = LayerRules(self.gamma, power=0 if self.flat else 2)
        return relevance(net, x, target, self.epsilon, rules)
