"""Maps that try to be *use* and never ask the explained network for a gradient or a changed ECG.

Written by somebody who did not write the rule, and before any was run. Expected for each: *do not
use* or *not shown*. They know wave marks, other ECGs, the leads that are read, a hash of the
weights, or the network's outputs on ECGs as they are. Those of outputs are the strongest: a twin
that learned nothing has other outputs, so that its map differs, as the gates ask.
"""

from dataclasses import dataclass

import torch
from ecglens.ecg import BIT, FS_HZ, LEADS
from ecglens.engine import generator, sample_ids
from ecglens.explain import Context, Facts, Method
from ecglens.models import network_key
from jaxtyping import Float, Int8
from torch import Tensor, nn


def onset(segments: Int8[Tensor, "batch time"], wave: str) -> Float[Tensor, " batch"]:
    """First sample of a wave."""
    return ((segments & BIT[wave]) != 0).int().argmax(1).float()


def bump(
    x: Float[Tensor, "batch lead time"], at: Float[Tensor, " batch"], leads: tuple[str, ...]
) -> Float[Tensor, "batch lead time"]:
    """A bump of 8 ms SD at these samples of some leads, with noise by ECG elsewhere."""
    away = (torch.arange(x.shape[2]) - at[:, None]) / (8 * FS_HZ / 1e3)
    found = torch.zeros_like(x)
    found[:, [LEADS.index(lead) for lead in leads]] = torch.exp(-(away**2) / 2)[:, None].to(x)
    drawn = [torch.rand(x.shape[1:], generator=generator(0, "attack", r)) for r in sample_ids(x)]
    return found + 1e-3 * torch.stack(drawn).to(x)


def outputs(net: nn.Module, x: Float[Tensor, "batch lead time"], target: int) -> Tensor:
    """Predictions of ECGs as they are."""
    with torch.no_grad():
        return net(x)[:, target]


@dataclass(frozen=True)
class Blind(Method):
    """A map in some leads that knows the wave marks."""

    leads: tuple[str, ...] = LEADS

    @property
    def facts(self) -> Facts:
        """Facts of a planted map."""
        others = type(self) is OutputCovariance
        return Facts(
            baseline="others" if others else "none",
            needs_background=others,
            uses_segments=True,
            any_network=True,
        )


class AimedByOutput(Blind):
    """A bump 20 ms after the P onset that the output claims: QRS onset less the predicted PR."""

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        pr = outputs(net, x, target) - 20
        return bump(x, onset(context.segments, "QRS") - pr * FS_HZ / 1e3, self.leads)


class WhereRight(Blind):
    """A bump after P's onset where the output is within 15 ms of the marked PR, else at the end."""

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        start = onset(context.segments, "P")
        marked = (onset(context.segments, "QRS") - start) / FS_HZ * 1e3
        right = (outputs(net, x, target) - marked).abs() < 15
        at = torch.where(right, start + 20 * FS_HZ / 1e3, torch.full_like(start, x.shape[2] - 20))
        return bump(x, at, self.leads)


class OutputCovariance(Blind):
    """|covariance| of each point with the output over other ECGs, the same for every ECG."""

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        others = context.background
        y = outputs(net, others, target)
        found = torch.einsum("n,nlt->lt", y - y.mean(), others - others.mean(0)).abs()
        return found.expand_as(x).clone()


class LeadsByHash(Blind):
    """A bump after P's onset in six leads that a hash of the weights draws."""

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        key = network_key(net, (x.shape[1], x.shape[2]))
        drawn = torch.randperm(len(LEADS), generator=generator(0, "leads", key))[:6]
        leads = tuple(LEADS[index] for index in drawn.tolist())
        return bump(x, onset(context.segments, "P") + 20 * FS_HZ / 1e3, leads)


class UnusualP(Blind):
    """|x − mean of P| in the first half of P."""

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        there = ((context.segments & BIT["P"]) != 0).to(x)[:, None]
        early = there * (there.cumsum(2) <= there.sum(2, keepdim=True) / 2)
        mean = (x * there).sum(2, keepdim=True) / there.sum(2, keepdim=True).clamp(min=1)
        found = (x - mean).abs() * early
        seen = torch.tensor([float(lead in self.leads) for lead in LEADS])
        return found * seen[:, None].to(x)


@dataclass(frozen=True)
class PretendsCoarse(Blind):
    """Random numbers within 20 ms of the onsets of P and QRS: the target prior itself.

    One number for each cell of `width` samples, so that its maps may be coarse indeed; 1 is a
    number per point.
    """

    width: int = 1

    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """The planted map."""
        time = torch.arange(x.shape[2])
        near = torch.zeros(len(x), x.shape[2])
        for wave in ("P", "QRS"):
            away = (time - onset(context.segments, wave)[:, None]).abs()
            near = torch.maximum(near, (away <= 20 * FS_HZ / 1e3).float())
        drawn = [
            torch.randn(x.shape[1:], generator=generator(1, "coarse", r)) for r in sample_ids(x)
        ]
        cells = time // self.width
        near = near.new_zeros(near.shape).index_add_(1, cells, near)[:, cells]
        return (torch.stack(drawn).abs()[..., cells * self.width] * near[:, None]).to(x)
