"""A sliding function over signals that bring their own context: convolution or pooling."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from jaxtyping import Complex, Float
from torch import Tensor
from torch.nn import functional

from .spectra import analyse, synthesise, transform_length

# A signal of more kernels than this is transformed in frames of this many: 400 samples for a
# kernel of 50, whose spectra stay in the cache.
FRAME = 8


@dataclass(eq=False)
class Filter:
    """Output t is computed from the `reach` samples from t · stride − left on.

    Beyond the signal, `left` samples before it and `right` after it are zeros.
    """

    reach: int
    stride: int
    left: int
    right: int
    # (batch, channel, samples) to what comes out where all samples are there.
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
        return self.kernels.correlate(windows, windows.shape[-1], 0)[..., :outputs]

    def whole(self, x: Float[Tensor, "row in time"]) -> Float[Tensor, "row out times"]:
        """All outputs for whole signals."""
        if self.kernels is None:
            return self.directly(functional.pad(x, (self.left, self.right)))
        time = x.shape[-1]
        outputs = time + self.left + self.right - self.reach + 1
        if time > 2 * FRAME * self.reach:
            return self._in_frames(x, outputs)
        # What wraps around falls on the zeros behind the signal, or on samples that are not used.
        n = transform_length(time + max(self.left, self.right))
        return self.kernels.correlate(x, n, self.left)[..., :outputs]

    def _in_frames(
        self, x: Float[Tensor, "row in time"], outputs: int
    ) -> Float[Tensor, "row out {outputs}"]:
        assert self.kernels is not None
        n = transform_length(FRAME * self.reach)
        hop = n - self.reach + 1
        count = -(-outputs // hop)
        padded = functional.pad(x, (self.left, (count - 1) * hop + n - self.left - x.shape[-1]))
        frames = padded.unfold(2, n, hop).transpose(1, 2).flatten(0, 1)
        found = self.kernels.correlate(frames, n, 0)[..., :hop]
        joined = found.unflatten(0, (-1, count)).transpose(1, 2).flatten(2)
        return joined[..., :outputs]


@dataclass(eq=False)
class Kernels:
    """A bank of kernels and biases whose spectra are computed once per length."""

    weight: Float[Tensor, "out in kernel"]
    bias: Float[Tensor, " out"]
    _spectra: dict[tuple[int, int], Tensor] = field(default_factory=dict)

    def correlate(
        self, x: Float[Tensor, "row in samples"], n: int, shift: int
    ) -> Float[Tensor, "row out {n}"]:
        """The circular correlation over n samples, `shift` samples later, plus the bias."""
        product = torch.bmm(analyse(functional.pad(x, (0, n - x.shape[-1]))), self._of(n, shift))
        product[0] += n * self.bias  # a constant is frequency 0
        return synthesise(product, n)

    def _of(self, n: int, shift: int) -> Complex[Tensor, "frequency in out"]:
        if (n, shift) not in self._spectra:
            # In float64, because the weights are transformed once and used for every ECG.
            turns = torch.arange(n // 2 + 1, dtype=torch.float64) * shift / n
            found = torch.fft.rfft(self.weight.double(), n).conj()
            found = found * torch.polar(torch.ones_like(turns), -2 * torch.pi * turns)
            kind = torch.complex128 if self.weight.dtype == torch.float64 else torch.complex64
            self._spectra[n, shift] = found.permute(2, 1, 0).resolve_conj().to(kind).contiguous()
        return self._spectra[n, shift]
