"""Maps that know nothing of the network: a method that does not beat them explains nothing."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .context import Context


@dataclass(frozen=True)
class Random:
    """Standard normal numbers from each ECG's own generator."""

    version: ClassVar[int] = 1
    control: ClassVar[bool] = True
    any_network: ClassVar[bool] = True

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        return torch.stack(
            [torch.randn(x.shape[1:], generator=own) for own in context.generators]
        ).to(x)


@dataclass(frozen=True)
class AbsX:
    """The size of the signal, |x| in µV: what a method finds that merely follows the waves."""

    version: ClassVar[int] = 1
    control: ClassVar[bool] = True
    any_network: ClassVar[bool] = True

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        return x.abs()


@dataclass(frozen=True)
class AbsDx:
    """The slope of the signal, |dx/dt| in µV per sample: what an edge detector finds."""

    version: ClassVar[int] = 1
    control: ClassVar[bool] = True
    any_network: ClassVar[bool] = True

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        # Central differences, one-sided at both ends.
        return torch.gradient(x, dim=-1)[0].abs()
