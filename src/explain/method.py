"""What an attribution method is."""

from collections.abc import Sequence
from typing import ClassVar, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn


@runtime_checkable
class Method(Protocol):
    """A frozen dataclass whose fields are its settings.

    Called with a network in evaluation mode, ECGs in µV, the index of the output to explain and
    one random generator per ECG (for methods that sample); returns a heatmap of x's shape.
    `version` is raised whenever its numbers change. A method that would be wrong on a network
    raises ValueError; the linter tries it, unless its class says `any_network = True`. A class
    with `control = True` knows nothing of the network.
    """

    version: ClassVar[int]

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        generators: Sequence[torch.Generator],
    ) -> Float[Tensor, "batch lead time"]: ...
