"""Expected gradients: integrated gradients from the ECGs of others (Erion 2021)."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .aligned import aligned_background
from .bounds import at_least
from .context import Context
from .gradient import ecg_by_ecg, gradients_along


@dataclass(frozen=True)
class ExpectedGradients:
    """The mean of (x − b) × gradient at a random point between x and a random ECG b of another.

    Erion 2021, equation 4, with the background in place of the training set. The map sums to
    f(x) − E[f(b)] in expectation only. Raises ValueError for fewer than 1 sample and on strips.
    """

    samples: int = 50

    version: ClassVar[int] = 1
    uses_background: ClassVar[bool] = True

    def __post_init__(self) -> None:
        at_least(1, samples=self.samples)

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        others = aligned_background(x, context)

        def map_of_one(
            one: Float[Tensor, "lead time"], own: torch.Generator
        ) -> Float[Tensor, "lead time"]:
            drawn = torch.randint(len(others), (self.samples,), generator=own)
            fraction = torch.rand((self.samples, 1, 1), generator=own).to(one)
            start = others[drawn.to(others.device)]
            change = one - start
            gradients = gradients_along(net, start + fraction * change, target)
            return (gradients * change).mean(dim=0)

        return ecg_by_ecg(map_of_one, x, context.generators)
