"""A 1-D convolution that computes long kernels by FFT."""

from typing import NamedTuple

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import handle_torch_function, has_torch_function

from .frames import Cut, cuts
from .transforms import signals, spectra


def fft_pays(kernel: int, inputs: int, outputs: int) -> bool:
    """Whether a kernel of this many samples is faster by FFT, between these many channels.

    Per sample a direct convolution costs kernel·inputs·outputs products. By FFT the products cost
    what 2 to 8 taps do, and the transforms as much as 64 per channel: measured in float32 on one
    core, forward and backward. It must not depend on the batch, or else an ECG's prediction would;
    on a GPU it is the same rule, not measured there.
    """
    return kernel >= 8 + 64 * (1 / inputs + 1 / outputs)


class KeptSpectra(NamedTuple):
    """The spectra of a bank of kernels and the values they were computed from."""

    weight: Float[Tensor, "out in kernel"]
    spectra: Complex[Tensor, "frequency in out"]

    def belong_to(self, weight: Tensor, n: int) -> bool:
        """Whether these values at this length gave the spectra.

        Neither the tensor's identity nor its version can tell, since `weight.data.normal_()`
        changes neither; comparing the values costs a twentieth of a transform.
        """
        return (
            self.spectra.shape[0] == n // 2 + 1
            and self.weight.dtype == weight.dtype
            and torch.equal(self.weight, weight)
        )


class FftConv1d(nn.Conv1d):
    """An nn.Conv1d with the same parameters that computes long kernels by FFT.

    Exact within floating-point rounding, and differentiable any number of times; but an FFT
    spreads its rounding over all samples, so that what a kernel does not reach gets some 1e-7 of
    the largest value instead of exactly 0. Short kernels, strides, dilation, groups, padding
    modes other than zeros and reduced precision are left to nn.Conv1d.
    """

    # A class attribute, so that an nn.Conv1d can become one of these without its constructor.
    _kept: KeptSpectra | None = None

    def forward(self, input: Tensor) -> Tensor:
        """As nn.Conv1d: (batch, in_channels, time) or (in_channels, time)."""
        left, right = self.margins()
        if not self._can_transform(input, left, right):
            return self._directly(input, left, right)
        return conv1d_by_fft(input, self.weight, self.bias, self)

    def _can_transform(self, input: Tensor, left: int, right: int) -> bool:
        kernel = self.kernel_size[0]
        return (
            not torch.compiler.is_compiling()
            and not torch.jit.is_tracing()  # pyright: ignore[reportPrivateImportUsage]
            and fft_pays(kernel, self.in_channels, self.out_channels)
            and self.stride == self.dilation == (1,)
            and self.groups == 1
            and self.padding_mode == "zeros"
            and max(left, right) < kernel <= input.shape[-1] + left + right
            and input.ndim == 3
            and input.shape[0] > 0
            and input.shape[1] == self.in_channels
            and input.dtype == self.weight.dtype
            and input.dtype in (torch.float32, torch.float64)
            and not torch.is_autocast_enabled(input.device.type)
        )

    def _directly(self, input: Tensor, left: int, right: int) -> Tensor:
        if left == right or self.padding_mode != "zeros":
            return super().forward(input)
        # torch pads an uneven "same" in the same way, but warns about the copy.
        padded = functional.pad(input, (left, right))
        return functional.conv1d(
            padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups
        )

    def margins(self) -> tuple[int, int]:
        """How many samples of zeros are put before and after the signal."""
        if self.padding == "same":
            extra = self.dilation[0] * (self.kernel_size[0] - 1)
            return extra // 2, extra - extra // 2
        if self.padding == "valid":
            return 0, 0
        return int(self.padding[0]), int(self.padding[0])

    def kernel_spectra(self, weight: Tensor, n: int) -> Complex[Tensor, "frequency in out"]:
        """The spectra of these kernels, kept from one call to the next if they are its own."""
        # Reversed in time, because what a network calls convolution is a correlation.
        kernels = weight.transpose(0, 1).flip(-1)
        cut = Cut(n, self.kernel_size[0])
        if weight is not self.weight or not self._may_keep():
            return spectra(kernels, cut)
        if self._kept is None or not self._kept.belong_to(self.weight, n):
            # Tensors made in inference mode could not be used for a gradient later.
            with torch.inference_mode(False), torch.no_grad():
                self._kept = KeptSpectra(self.weight.clone(), spectra(kernels, cut))
        return spectra(kernels, cut, known=self._kept.spectra)

    def _may_keep(self) -> bool:
        # Not what the next step changes, nor what is itself computed (weight norm, torch.func);
        # and on a GPU comparing would wait for all that is under way.
        return (
            not self.training
            and isinstance(self.weight, nn.Parameter)
            and self.weight.device.type == "cpu"
        )

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "_kept"}


def conv1d_by_fft(
    input: Float[Tensor, "batch in time"],
    weight: Float[Tensor, "out in kernel"],
    bias: Float[Tensor, " out"] | None,
    layer: FftConv1d,
) -> Float[Tensor, "batch out later"]:
    """What `layer` makes of a signal with these weights in place of its own.

    A function of torch like functional.conv1d: a TorchFunctionMode sees it as one convolution.
    """
    if has_torch_function((input, weight)):
        return handle_torch_function(conv1d_by_fft, (input, weight), input, weight, bias, layer)
    left, right = layer.margins()
    kernel = weight.shape[-1]
    before, after = cuts(input.shape[-1], kernel, left, right)
    product = torch.bmm(spectra(input, before), layer.kernel_spectra(weight, before.n))
    y = signals(product, after, input.shape[-1] + left + right - kernel + 1)
    # Either copies, since y may be a view of more samples.
    return y.clone(memory_format=torch.contiguous_format) if bias is None else y + bias[:, None]
