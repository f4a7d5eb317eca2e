"""One output of a network that has several."""

from jaxtyping import Float
from torch import Tensor, nn


class OneOutput(nn.Module):
    """Network that returns output `index` of `net` alone, such as one logit of five."""

    def __init__(self, net: nn.Module, index: int) -> None:
        """Raises ValueError for a negative index."""
        super().__init__()
        if index < 0:
            raise ValueError(f"expected the index of an output, from 0 on, got {index}")
        self.net, self.index = net, index

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch 1"]:
        """The output; ValueError where the network does not have it."""
        y = self.net(x)
        if not isinstance(y, Tensor) or y.ndim != 2 or y.shape[1] <= self.index:
            shape = tuple(y.shape) if isinstance(y, Tensor) else type(y).__name__
            raise ValueError(
                f"expected outputs of shape (batch, targets) with the index {self.index} among "
                f"the targets, got {shape}"
            )
        return y[:, self.index : self.index + 1]
