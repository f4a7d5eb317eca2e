"""KernelSHAP on the waves of each lead (Lundberg & Lee 2017)."""

from dataclasses import dataclass
from math import comb
from typing import ClassVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from ..store import check_types
from .bounds import at_least
from .context import Context
from .parts import Game, Hidden, map_of_waves


@dataclass(frozen=True)
class KernelShap:
    """Shapley values by least squares over coalitions of parts, laid evenly over their samples.

    Lundberg & Lee 2017, theorem 2, on the waves of each lead (explain.parts). The two infinite
    weights are constraints: the map sums to f(x) − f(x with all hidden). Coalitions are drawn by
    the kernel, each with its complement (Covert & Lee 2021); where there are no more than would be
    drawn, each is asked once and the values are exact. Raises ValueError for fewer than 1 pair,
    for too few to tell an ECG's parts apart, and for another word than "line" or "zero".
    """

    pairs: int = 256
    hidden: Hidden = "line"

    version: ClassVar[int] = 2
    any_network: ClassVar[bool] = True
    uses_segments: ClassVar[bool] = True
    grain: ClassVar[str] = "wave"

    def __post_init__(self) -> None:
        check_types(KernelShap, vars(self), "KernelShap")
        at_least(1, pairs=self.pairs)

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        def values(game: Game, parts: int, own: torch.Generator) -> Float[Tensor, " part"]:
            return least_squares(game, parts, self.pairs, own)

        return map_of_waves(values, net, x, target, context, self.hidden)


def least_squares(
    game: Game, parts: int, pairs: int, generator: torch.Generator
) -> Float[Tensor, " part"]:
    """The values that fit the coalitions best, by the kernel, among those of the right sum."""
    if 2**parts - 2 <= 2 * pairs:
        coalitions, weights = every_coalition(parts)
    else:
        coalitions = drawn_coalitions(parts, pairs, generator)
        weights = torch.ones(len(coalitions), dtype=torch.float64)  # the draw had the kernel's
    ends = torch.tensor([[False], [True]]).expand(2, parts)
    outputs = game(torch.cat([ends, coalitions]))
    none, everything = outputs[:2]
    # Around an equal share for each part the values sum to 0, and so does the shortest solution.
    size = coalitions.double().mean(1, keepdim=True)
    members = weights.sqrt()[:, None] * (coalitions.double() - size)
    gain = outputs[2:] - none - size[:, 0] * (everything - none)
    fit = torch.linalg.lstsq(members, (weights.sqrt() * gain)[:, None], driver="gelsd")
    if int(fit.rank) < parts - 1:
        raise ValueError(
            f"expected coalitions that tell {parts} parts apart, got {pairs} pairs; "
            f"take at least {2 * parts}"
        )
    return (everything - none) / parts + fit.solution[:, 0]


def every_coalition(
    parts: int,
) -> tuple[Bool[Tensor, "coalition part"], Float[Tensor, " coalition"]]:
    """All but the empty and the whole one, with the kernel's weights (theorem 2)."""
    numbers = torch.arange(1, 2**parts - 1)
    coalitions = (numbers[:, None] >> torch.arange(parts)) % 2 == 1
    size = coalitions.sum(1)
    as_many = torch.tensor([comb(parts, members) for members in range(parts)]).double()
    return coalitions, (parts - 1) / (as_many[size] * size * (parts - size))


def drawn_coalitions(
    parts: int, pairs: int, generator: torch.Generator
) -> Bool[Tensor, "coalition part"]:
    """Coalitions drawn by the kernel, then their complements."""
    sizes = torch.arange(1, parts)
    # All coalitions of a size together weigh 1 / (size × rest).
    drawn = torch.multinomial(
        1 / (sizes * (parts - sizes)).double(), pairs, replacement=True, generator=generator
    )
    turn = torch.rand(pairs, parts, generator=generator).argsort(1).argsort(1)
    coalitions = turn < sizes[drawn][:, None]
    return torch.cat([coalitions, ~coalitions])
