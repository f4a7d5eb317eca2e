"""Sliding functions over windows of a signal: convolution and pooling."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from jaxtyping import Complex, Float
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
        """Outputs for whole signals."""
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
        """Spectra of the outputs."""
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
