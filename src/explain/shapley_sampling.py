"""Shapley value sampling on the waves of each lead (Castro 2009)."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..store import check_types
from .bounds import at_least
from .context import Context
from .parts import Game, Hidden, map_of_waves


@dataclass(frozen=True)
class ShapleySampling:
    """A part's mean gain when the parts appear in a random order, laid evenly over its samples.

    Castro 2009, section 3, on the waves of each lead (explain.parts); every order is also gone
    backwards (antithetic, Mitchell 2022). The map sums to f(x) − f(x with all hidden) exactly.
    Raises ValueError for fewer than 1 pair of orders, and for another word than "line" or "zero".
    """

    pairs: int = 4
    hidden: Hidden = "line"

    version: ClassVar[int] = 2
    any_network: ClassVar[bool] = True
    uses_segments: ClassVar[bool] = True
    grain: ClassVar[str] = "wave"

    def __post_init__(self) -> None:
        check_types(ShapleySampling, vars(self), "ShapleySampling")
        at_least(1, pairs=self.pairs)

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        def values(game: Game, parts: int, own: torch.Generator) -> Float[Tensor, " part"]:
            return mean_gains(game, parts, self.pairs, own)

        return map_of_waves(values, net, x, target, context, self.hidden)


def mean_gains(
    game: Game, parts: int, pairs: int, generator: torch.Generator
) -> Float[Tensor, " part"]:
    """The mean of what each part adds to those before it, over orders and their reverses."""
    forth = torch.stack([torch.randperm(parts, generator=generator) for _ in range(pairs)])
    turn = torch.cat([forth, parts - 1 - forth])  # of each part in each order
    shown = turn[:, None] < torch.arange(parts + 1)[:, None]
    outputs = game(shown.flatten(0, 1)).unflatten(0, (len(turn), -1))
    return outputs.diff(dim=1).gather(1, turn).mean(0)
