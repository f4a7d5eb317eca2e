"""Shapley values of the segments of an ECG: by random orders, or by least squares."""

from dataclasses import dataclass
from functools import partial
from math import comb
from typing import ClassVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ...engine import uniform
from ...store import check_types
from ..method import Facts, Method, at_least
from ..segments import OF_A_BEAT, Game, Hidden, PerSegment, facts_of_segments, map_of_segments


@dataclass(frozen=True)
class ShapleySampling(Method):
    """Mean gain of a segment when segments appear in a random order, spread over its samples.

    Castro 2009, section 3, on the waves of each lead (explain.segments); every order is also
    reversed (antithetic, Mitchell 2022). The map sums to f(x) − f(x with all hidden) exactly.
    Raises ValueError for fewer than 1 pair of orders, and for another word than "line" or "zero".
    """

    cites = ("castro2009",)
    pairs: int = 4
    hidden: Hidden = "line"
    version: ClassVar[int] = 2

    def __post_init__(self) -> None:
        check_types(ShapleySampling, vars(self), "ShapleySampling")
        at_least(1, pairs=self.pairs)

    @property
    def facts(self) -> Facts:
        return facts_of_segments(self.hidden, 2 * self.pairs * (OF_A_BEAT + 1))

    def heatmap(self, net, x, target, context):
        values = partial(mean_gains, pairs=self.pairs)
        return map_of_segments(values, net, x, target, context, self.hidden)


@dataclass(frozen=True)
class KernelShap(Method):
    """Shapley values by least squares over coalitions of segments, spread over their samples.

    Lundberg & Lee 2017, theorem 2, on the waves of each lead (explain.segments). The two infinite
    weights are constraints: the map sums to f(x) − f(x with all hidden). Coalitions are drawn by
    the kernel, each with its complement (Covert & Lee 2021); where there are no more coalitions
    than draws, each is computed once and the values are exact. Raises ValueError for fewer than 1
    pair, for too few pairs to tell an ECG's segments apart, and for another word than "line" or
    "zero".
    """

    cites = ("lundberg2017",)
    pairs: int = 256
    hidden: Hidden = "line"
    version: ClassVar[int] = 2

    def __post_init__(self) -> None:
        check_types(KernelShap, vars(self), "KernelShap")
        at_least(1, pairs=self.pairs)

    @property
    def facts(self) -> Facts:
        return facts_of_segments(self.hidden, 2 * self.pairs + 2)

    def heatmap(self, net, x, target, context):
        values = partial(least_squares, pairs=self.pairs)
        return map_of_segments(values, net, x, target, context, self.hidden)


def mean_gains(game: Game, count: int, generator: torch.Generator, pairs: int) -> PerSegment:
    """Mean gain of each segment over the segments before it, over orders and their reverses."""
    forth = torch.stack([torch.randperm(count, generator=generator) for _ in range(pairs)])
    turn = torch.cat([forth, count - 1 - forth])  # of each segment in each order
    shown = turn[:, None] < torch.arange(count + 1)[:, None]
    outputs = game(shown.flatten(0, 1)).unflatten(0, (len(turn), -1))
    return outputs.diff(dim=1).gather(1, turn).mean(0)


def least_squares(game: Game, count: int, generator: torch.Generator, pairs: int) -> PerSegment:
    """Values that fit the coalitions best, weighted by the kernel, among those of the right sum."""
    if 2**count - 2 <= 2 * pairs:
        coalitions, weights = every_coalition(count)
    else:
        coalitions = drawn_coalitions(count, pairs, generator)
        weights = torch.ones(len(coalitions), dtype=torch.float64)  # the draw followed the kernel
    ends = torch.tensor([[False], [True]]).expand(2, count)
    outputs = game(torch.cat([ends, coalitions]))
    none, everything = outputs[:2]
    # Differences from an equal share for each segment sum to 0, and so does the shortest solution.
    size = coalitions.double().mean(1, keepdim=True)
    members = weights.sqrt()[:, None] * (coalitions.double() - size)
    gain = outputs[2:] - none - size[:, 0] * (everything - none)
    fit = torch.linalg.lstsq(members, (weights.sqrt() * gain)[:, None], driver="gelsd")
    if int(fit.rank) < count - 1:
        raise ValueError(
            f"expected coalitions that tell {count} segments apart, got {pairs} pairs; "
            f"take at least {2 * count}"
        )
    return (everything - none) / count + fit.solution[:, 0]


def every_coalition(
    count: int,
) -> tuple[Bool[Tensor, "coalition segment"], Float[Tensor, " coalition"]]:
    """All coalitions but the empty and the whole one, with the kernel's weights (theorem 2)."""
    numbers = torch.arange(1, 2**count - 1)
    coalitions = (numbers[:, None] >> torch.arange(count)) % 2 == 1
    size = coalitions.sum(1)
    of_size = torch.tensor([comb(count, members) for members in range(count)]).double()
    return coalitions, (count - 1) / (of_size[size] * size * (count - size))


def drawn_coalitions(
    count: int, pairs: int, generator: torch.Generator
) -> Bool[Tensor, "coalition segment"]:
    """Coalitions drawn by the kernel, followed by their complements."""
    sizes = torch.arange(1, count)
    # The coalitions of one size weigh 1 / (size × rest) together.
    drawn = torch.multinomial(
        1 / (sizes * (count - sizes)).double(), pairs, replacement=True, generator=generator
    )
    turn = uniform(generator, pairs, count).argsort(1).argsort(1)
    coalitions = turn < sizes[drawn][:, None]
    return torch.cat([coalitions, ~coalitions])
