"""A 1-D convolution that takes the fastest exact way."""

from typing import NamedTuple

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn

from .spectra import Signals, Spectra, transform_length

# A direct convolution costs K products per pair of channels and sample, one of spectra about 2,
# whatever K; the transforms come on top, once per channel.
LONG_KERNEL = 16


class KeptSpectra(NamedTuple):
    """The spectra of a kernel bank and the values they were computed from."""

    weight: Float[Tensor, "out in kernel"]
    spectra: Complex[Tensor, "frequency in out"]

    def belong_to(self, weight: Tensor, n: int) -> bool:
        """True when these values at this length gave the spectra.

        Neither the tensor's identity nor its version can tell, since `weight.data.normal_()`
        changes neither; comparing the values costs a twentieth of a transform.
        """
        return (
            self.spectra.shape[0] == n // 2 + 1
            and self.weight.device == weight.device
            and self.weight.dtype == weight.dtype
            and torch.equal(self.weight, weight)
        )


class FftConv1d(nn.Conv1d):
    """An nn.Conv1d with the same parameters that computes long kernels by FFT.

    Exact within floating-point rounding, and differentiable any number of times. What the FFT is
    not for (strides, dilation, groups, other padding modes, short kernels, reduced precision)
    goes to nn.Conv1d.
    """

    # A class attribute, so that an nn.Conv1d can become one of these without its constructor.
    _kept: KeptSpectra | None = None

    def forward(self, input: Tensor) -> Tensor:
        if not self._can_transform(input):
            return super().forward(input)
        left, right = self._padding()
        time, kernel = input.shape[-1], self.kernel_size[0]
        # Long enough that nothing wraps around into the part that is used.
        n = transform_length(max(time + left, time + right, kernel))
        product = torch.bmm(Spectra.apply(input, n, 0, "backward"), self._kernel_spectra(n))
        y = Signals.apply(
            product, n, kernel - 1 - left, time + left + right - kernel + 1, "backward"
        )
        return y if self.bias is None else y + self.bias[:, None]

    def _can_transform(self, input: Tensor) -> bool:
        return (
            self.kernel_size[0] >= LONG_KERNEL
            and self.stride == self.dilation == (1,)
            and self.groups == 1
            and self.padding_mode == "zeros"
            and max(self._padding()) < self.kernel_size[0] <= input.shape[-1] + sum(self._padding())
            and input.ndim == 3
            and input.dtype == self.weight.dtype
            and input.dtype in (torch.float32, torch.float64)
            and not torch.is_autocast_enabled(input.device.type)
        )

    def _padding(self) -> tuple[int, int]:
        if self.padding == "same":
            extra = self.dilation[0] * (self.kernel_size[0] - 1)
            return extra // 2, extra - extra // 2
        if self.padding == "valid":
            return 0, 0
        return int(self.padding[0]), int(self.padding[0])

    def _kernel_spectra(self, n: int) -> Complex[Tensor, "frequency in out"]:
        # Reversed in time: a network's "convolution" is a correlation.
        kernels = self.weight.transpose(0, 1).flip(-1)
        if self.weight.requires_grad and torch.is_grad_enabled():
            return Spectra.apply(kernels, n, 0, "backward")
        if self._kept is None or not self._kept.belong_to(self.weight, n):
            self._kept = KeptSpectra(self.weight.clone(), Spectra.apply(kernels, n, 0, "backward"))
        return self._kept.spectra

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "_kept"}
