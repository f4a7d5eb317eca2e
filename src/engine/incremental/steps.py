"""Steps of a network along time: filters, their outputs, and the reach of a change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from jaxtyping import Complex, Float, Int64
from torch import Tensor
from torch.nn import functional

from ..convolution import analyse, cuts, framed, joined, synthesise, transform_length

# Number of transform lengths for which a bank of kernels keeps its spectra.
LENGTHS = 2


@dataclass(frozen=True, eq=False)
class Filter:
    """Function whose output t reads the `reach` samples from t · stride − left on.

    `left` samples before the signal and `right` after it are `fill`; below 0, samples are cut off.
    `directly` computes outputs from complete windows, `kernels` does the same by FFT.
    """

    reach: int
    stride: int
    left: int
    right: int
    directly: Callable[[Tensor], Tensor]
    kernels: "Kernels | None" = None
    fill: float = 0.0

    def length(self, outputs: int) -> int:
        """Number of input samples that this many outputs read."""
        needed = (outputs - 1) * self.stride + self.reach
        return needed if self.kernels is None else transform_length(needed)

    def __call__(
        self, windows: Float[Tensor, "row in samples"], outputs: int
    ) -> Float[Tensor, "row out {outputs}"]:
        """Outputs for windows of `length(outputs)` samples."""
        if self.kernels is None:
            return self.directly(windows)
        found = synthesise(self.kernels.applied(analyse(windows)), windows.shape[-1])
        return found[..., self.reach - 1 :][..., :outputs]

    def whole(self, x: Float[Tensor, "row in time"]) -> Float[Tensor, "row out times"]:
        if self.kernels is None:
            return self.directly(functional.pad(x, (self.left, self.right), value=self.fill))
        before, after = cuts(x.shape[-1], self.reach, self.left, self.right)
        found = synthesise(self.kernels.applied(analyse(framed(x, before))), after.n)
        return joined(found, after, x.shape[-1] + self.left + self.right - self.reach + 1)


@dataclass(frozen=True, eq=False)
class Kernels:
    """A bank of kernels and biases whose spectra are computed once per length."""

    weight: Float[Tensor, "out in kernel"]
    bias: Float[Tensor, " out"]
    _spectra: dict[int, Tensor] = field(default_factory=dict)

    def applied(
        self, spectra: Complex[Tensor, "frequency row in"]
    ) -> Complex[Tensor, "frequency row out"]:
        n = 2 * (len(spectra) - 1)  # transform lengths are even
        if n not in self._spectra:
            # One for whole signals, one for the windows of one kind of copies: 10 MB each.
            if len(self._spectra) == LENGTHS:
                del self._spectra[next(iter(self._spectra))]
            # Reversed in time, because the convolution of a network is a correlation.
            kernels = self.weight.transpose(0, 1).flip(-1)
            self._spectra[n] = analyse(functional.pad(kernels, (0, n - kernels.shape[-1])))
        product = torch.bmm(spectra, self._spectra[n])
        product[0] += n * self.bias  # a constant is frequency 0
        return product


# The name of the network's input among the sources of its steps.
INPUT = "input"

# A window of this share of a signal is widened to all of it: at that size, reading and writing
# windows, and transforms a kernel longer than the window, cost more than the saved samples.
WHOLE = 0.7


class Span(NamedTuple):
    """A window of `width` samples in each row of a batch of signals."""

    starts: Int64[Tensor, " row"]
    width: int

    def same_as(self, other: "Span") -> bool:
        """True if both windows are the same in every row."""
        return self.width == other.width and torch.equal(self.starts, other.starts)


def whole(rows: int, time: int) -> Span:
    """Window of all samples."""
    return Span(torch.zeros(rows, dtype=torch.int64), time)


def fitted(starts: Int64[Tensor, " row"], width: int, time: int) -> Span:
    """Window shifted into the signal, or the whole signal if the window covers most of it."""
    if width >= WHOLE * time:
        return whole(len(starts), time)
    return Span(starts.clamp(0, time - width), width)


@dataclass(frozen=True, eq=False)
class Local:
    """Step whose output samples each read `filter.reach` input samples, a stride apart."""

    sources: tuple[str]
    filter: Filter
    time: int  # samples that come out

    def span(self, changed: Sequence[Span]) -> Span:
        """Window of the output that a change in a window of the input can reach."""
        starts, width = changed[0]
        past = starts + self.filter.left - self.filter.reach
        first = past.div(self.filter.stride, rounding_mode="floor") + 1
        return fitted(first, (width + self.filter.reach - 2) // self.filter.stride + 1, self.time)

    def reading(self, out: Span) -> Span:
        """Window of the input that a window of the output reads; it may begin before 0."""
        starts = out.starts * self.filter.stride - self.filter.left
        return Span(starts, self.filter.length(out.width))

    def __call__(
        self, parts: Sequence[Float[Tensor, "row in samples"]], span: Span
    ) -> Float[Tensor, "row out {span.width}"]:
        (x,) = parts
        return self.filter.whole(x) if span.width == self.time else self.filter(x, span.width)


@dataclass(frozen=True, eq=False)
class Pointwise:
    """Step whose output samples each read the same sample of one or several signals.

    `fixed` are further arguments of `compute`, which are the same for all ECGs.
    """

    sources: tuple[str, ...]
    compute: Callable[..., Tensor]
    time: int
    fixed: tuple[Float[Tensor, "channel time"], ...] = ()

    def span(self, changed: Sequence[Span]) -> Span:
        """Window that covers the changed windows of all sources."""
        starts = torch.stack([span.starts for span in changed]).amin(0)
        ends = torch.stack([span.starts + span.width for span in changed]).amax(0)
        return fitted(starts, int((ends - starts).max()), self.time)

    def reading(self, out: Span) -> Span:
        """Window of each source that a window of the output reads."""
        return out

    def __call__(
        self, parts: Sequence[Float[Tensor, "row channel samples"]], span: Span
    ) -> Float[Tensor, "row out {span.width}"]:
        if not self.fixed:
            return self.compute(*parts)
        at = span.starts[:, None] + torch.arange(span.width)
        return self.compute(*parts, *(one[:, at].transpose(0, 1) for one in self.fixed))


@dataclass(frozen=True, eq=False)
class Mean:
    """Mean over time, in float64."""

    sources: tuple[str]
    time: int  # samples that are averaged


@dataclass(frozen=True, eq=False)
class Whole:
    """All samples of a signal, for operations that do not read windows."""

    sources: tuple[str]
    time: int


Step = Local | Pointwise | Mean | Whole
