"""The steps of a network along time: what each computes, and how far a change reaches in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from .filter import Filter

# The name of the network's input among the sources of its steps.
INPUT = "input"

# A window of this share of a signal is widened to all of it: reading and writing windows, and
# transforms a kernel longer than the window, then cost more than the samples that are saved.
WHOLE = 0.7


class Span(NamedTuple):
    """A window of `width` samples in each row of a batch of signals."""

    starts: Int64[Tensor, " row"]
    width: int

    def same_as(self, other: "Span") -> bool:
        """Whether it is the same window in every row."""
        return self.width == other.width and torch.equal(self.starts, other.starts)


def whole(rows: int, time: int) -> Span:
    """The window of all samples."""
    return Span(torch.zeros(rows, dtype=torch.int64), time)


def fitted(starts: Int64[Tensor, " row"], width: int, time: int) -> Span:
    """The window shifted into the signal, or all of the signal if it would be most of it."""
    if width >= WHOLE * time:
        return whole(len(starts), time)
    return Span(starts.clamp(0, time - width), width)


@dataclass(frozen=True, eq=False)
class Local:
    """Each output sample depends on `filter.reach` input samples, the next on those a stride on."""

    source: str
    filter: Filter
    time: int  # samples that come out

    @property
    def sources(self) -> tuple[str, ...]:
        """The one signal."""
        return (self.source,)

    def span(self, changed: Sequence[Span]) -> Span:
        """Where the output can change when the input changes in a window."""
        starts, width = changed[0]
        past = starts + self.filter.left - self.filter.reach
        first = past.div(self.filter.stride, rounding_mode="floor") + 1
        return fitted(first, (width + self.filter.reach - 2) // self.filter.stride + 1, self.time)

    def reading(self, changed: Span, out: Span) -> Span:
        """The window of the input that a window of the output needs; it may begin before 0."""
        if out.width == self.time:
            return changed
        starts = out.starts * self.filter.stride - self.filter.left
        return Span(starts, self.filter.length(out.width))

    def __call__(
        self, parts: Sequence[Float[Tensor, "row in samples"]], width: int
    ) -> Float[Tensor, "row out {width}"]:
        """A window of the output."""
        (x,) = parts
        return self.filter.whole(x) if width == self.time else self.filter(x, width)


@dataclass(frozen=True, eq=False)
class Pointwise:
    """Each output sample depends on the same sample of one or several signals."""

    sources: tuple[str, ...]
    compute: Callable[..., Tensor]
    time: int

    def span(self, changed: Sequence[Span]) -> Span:
        """The window that covers the changed windows of all sources."""
        starts = torch.stack([span.starts for span in changed]).amin(0)
        ends = torch.stack([span.starts + span.width for span in changed]).amax(0)
        return fitted(starts, int((ends - starts).max()), self.time)

    def reading(self, changed: Span, out: Span) -> Span:
        """The window of each source that a window of the output needs."""
        return out

    def __call__(
        self, parts: Sequence[Float[Tensor, "row channel samples"]], width: int
    ) -> Float[Tensor, "row channel {width}"]:
        """A window of the output."""
        return self.compute(*parts)


@dataclass(frozen=True, eq=False)
class Mean:
    """The mean over time."""

    source: str
    time: int  # samples that are averaged
    shape: tuple[int, ...]  # of one row: (1, channel) or (1, channel, 1)

    @property
    def sources(self) -> tuple[str, ...]:
        """The one signal."""
        return (self.source,)


@dataclass(frozen=True, eq=False)
class Network:
    """A network as its steps along time, by name and in their order.

    `readout` makes the outputs of one row, in float64, of all its means; `batched` tells whether
    vmap may do so for many rows.
    """

    steps: dict[str, Local | Pointwise | Mean]
    readout: Callable[..., Float[Tensor, "one target"]]
    batched: bool
