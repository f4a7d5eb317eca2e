"""A sliding function over signals that bring their own context: convolution or pooling."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from jaxtyping import Complex, Float
from torch import Tensor
from torch.nn import functional

from ..convolution import analyse, cuts, framed, joined, synthesise, transform_length

# Transform lengths whose spectra a bank of kernels keeps.
LENGTHS = 2


@dataclass(frozen=True, eq=False)
class Filter:
    """Output t is computed from the `reach` samples from t · stride − left on.

    `left` samples before the signal and `right` after it are zeros; below 0, samples are cut off.
    `directly` computes the outputs where all their samples are there, `kernels` does it by FFT.
    """

    reach: int
    stride: int
    left: int
    right: int
    directly: Callable[[Tensor], Tensor]
    kernels: "Kernels | None" = None

    def length(self, outputs: int) -> int:
        """How many input samples to bring for this many outputs."""
        needed = (outputs - 1) * self.stride + self.reach
        return needed if self.kernels is None else transform_length(needed)

    def __call__(
        self, windows: Float[Tensor, "row in samples"], outputs: int
    ) -> Float[Tensor, "row out {outputs}"]:
        """The outputs for windows of `length(outputs)` samples."""
        if self.kernels is None:
            return self.directly(windows)
        found = synthesise(self.kernels.applied(analyse(windows)), windows.shape[-1])
        return found[..., self.reach - 1 :][..., :outputs]

    def whole(self, x: Float[Tensor, "row in time"]) -> Float[Tensor, "row out times"]:
        """All outputs for whole signals."""
        if self.kernels is None:
            return self.directly(functional.pad(x, (self.left, self.right)))
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
        """The spectra of what comes out."""
        n = 2 * (len(spectra) - 1)  # transform lengths are even
        if n not in self._spectra:
            # Those for whole signals and for the windows of one kind of copies: 10 MB each.
            if len(self._spectra) == LENGTHS:
                del self._spectra[next(iter(self._spectra))]
            # Reversed in time, because what a network calls convolution is a correlation.
            kernels = self.weight.transpose(0, 1).flip(-1)
            self._spectra[n] = analyse(functional.pad(kernels, (0, n - kernels.shape[-1])))
        product = torch.bmm(spectra, self._spectra[n])
        product[0] += n * self.bias  # a constant is frequency 0
        return product
