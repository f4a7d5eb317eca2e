"""What an attribution method is."""

from typing import ClassVar, Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor, nn

from .context import Context


@runtime_checkable
class Method(Protocol):
    """A frozen dataclass whose fields are its settings.

    Called with a network in evaluation mode, ECGs in µV, the index of the output to explain and
    its context: one random generator per ECG (for methods that sample), the wave marks and ECGs of
    others, of which a class that reads them says `uses_segments = True` or `uses_background =
    True`; returns a heatmap of x's shape. `version` is raised whenever its numbers change. A
    method that would be wrong on a network raises ValueError; the linter tries it, unless its
    class says `any_network = True`. A class with `control = True` knows nothing of the network.
    `grain` is the resolution of its maps where that is not the point: "moment" (the same in all
    leads), "wave" (constant in each wave of each lead), or a width such as "50 ms".
    """

    version: ClassVar[int]

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]: ...
