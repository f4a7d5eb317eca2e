"""A method: the gradient, raised to a power."""

from dataclasses import dataclass

from ecglens.explain import Context, Facts, Method, input_gradient
from jaxtyping import Float
from torch import Tensor, nn


@dataclass(frozen=True)
class PowerOfGradient(Method):
    """sign(g) · |g|^power of the gradient g: an example, not a recommendation."""

    power: float = 2.0
    declared = Facts(any_network=True, gradients=1)  # per ECG

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The map of output `target`."""
        gradient = input_gradient(net, x, target)
        return gradient.sign() * gradient.abs() ** self.power
