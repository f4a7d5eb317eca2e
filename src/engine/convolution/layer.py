"""Faster layers, and networks of them: long 1-D convolutions by FFT, and means of pairs."""

import operator
from collections.abc import Mapping, Sequence
from types import MethodType
from typing import Any, NamedTuple

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.parameter import UninitializedParameter
from torch.overrides import handle_torch_function, has_torch_function

from .transforms import Cut, cuts, signals, spectra


def fft_pays(kernel: int, inputs: int, outputs: int) -> bool:
    """True if a kernel of this many samples and channels is faster by FFT.

    A direct convolution costs kernel·inputs·outputs products per sample. By FFT the products cost
    as much as 2 to 8 taps, and the transforms as much as 64 per channel: measured in float32 on one
    core, forward and backward. The rule does not depend on the batch, because an ECG's prediction
    must not; it is the same on a GPU, where small passes are slower by it and large ones faster.
    """
    return kernel >= 8 + 64 * (1 / inputs + 1 / outputs)


def margins(padding: str | Sequence[int], kernel: int, dilation: int) -> tuple[int, int]:
    """Number of zeros that a convolution puts before and after the signal."""
    if padding == "same":
        extra = dilation * (kernel - 1)
        return extra // 2, extra - extra // 2
    return (0, 0) if padding == "valid" else (int(padding[0]), int(padding[0]))


class KeptSpectra(NamedTuple):
    """Spectra of a bank of kernels, with the kernels they were computed from."""

    weight: Float[Tensor, "out in kernel"]
    spectra: Complex[Tensor, "frequency in out"]

    def belong_to(self, weight: Tensor, n: int) -> bool:
        """True if the spectra are those of this weight at this length.

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

    Exact within floating-point rounding, and differentiable any number of times. An FFT spreads
    its rounding over all samples: those out of a kernel's reach get about 1e-7 of the largest value
    instead of exactly 0. Short kernels, strides, dilation, groups, padding
    modes other than zeros and reduced precision are left to nn.Conv1d.
    """

    # A class attribute, so that an nn.Conv1d can become one of these without its constructor.
    _kept: KeptSpectra | None = None

    def forward(self, input: Tensor) -> Tensor:
        """Result of nn.Conv1d, for (batch, in_channels, time) or (in_channels, time)."""
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
        return margins(self.padding, self.kernel_size[0], self.dilation[0])

    def kernel_spectra(self, weight: Tensor, n: int) -> Complex[Tensor, "frequency in out"]:
        """Spectra of these kernels, kept between calls if they are the layer's own."""
        # Reversed in time, because the convolution of a network is a correlation.
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
        # Not weights that the next step changes, nor weights that are computed (weight norm,
        # torch.func); and on a GPU comparing would wait for all pending work.
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
    """Convolution of a signal by `layer` with these weights in place of its own.

    A function of torch like functional.conv1d: a TorchFunctionMode sees it as one convolution.
    """
    if has_torch_function((input, weight)):
        return handle_torch_function(conv1d_by_fft, (input, weight), input, weight, bias, layer)
    left, right = layer.margins()
    kernel = weight.shape[-1]
    before, after = cuts(input.shape[-1], kernel, left, right)
    product = torch.bmm(spectra(input, before), layer.kernel_spectra(weight, before.n))
    y = signals(product, after, input.shape[-1] + left + right - kernel + 1)
    # Both copy, because y may be a view of more samples.
    return y.clone(memory_format=torch.contiguous_format) if bias is None else y + bias[:, None]


def averages(
    x: Float[Tensor, "*batch channel time"], kernel: int, stride: int
) -> Float[Tensor, "*batch channel windows"]:
    """Result of functional.avg_pool1d; means of pairs on a CPU take a seventh of its time."""
    quick = x.device.type == "cpu" and x.dtype in (torch.float32, torch.float64)
    pairs = (kernel, stride) == (2, 2) and x.ndim in (2, 3) and x.shape[-1] > 1
    # torch keeps the layout of a signal whose channels lie side by side.
    if not quick or not pairs or x.stride(-1) != 1:
        return functional.avg_pool1d(x, kernel, stride)
    even = x.shape[-1] // 2 * 2
    mean = (x[..., :even:2] + x[..., 1:even:2]).mul_(0.5)
    return mean.add_(0.0).contiguous()  # torch begins each sum with 0: the mean of −0 and −0 is 0


class FastAvgPool1d(nn.AvgPool1d):
    """An nn.AvgPool1d that computes means of pairs faster, to the same digits.

    Other sizes, padding and reduced precision are left to nn.AvgPool1d.
    """

    stands_for = nn.AvgPool1d  # its name in store.code_of

    def forward(self, input: Tensor) -> Tensor:
        plain = (
            not self.kernel_size == self.stride == (2,)
            or self.padding != (0,)
            or self.ceil_mode
            or torch.compiler.is_compiling()
            or torch.jit.is_tracing()  # pyright: ignore[reportPrivateImportUsage]
            or has_torch_function((input,))  # a mode, or torch.fx, wants to see one operation
        )
        if plain:
            return super().forward(input)
        return averages(input, 2, 2)


# What `accelerate` puts in the place of a layer.
FASTER: Mapping[type[nn.Module], type[nn.Module]] = {
    nn.Conv1d: FftConv1d,
    nn.AvgPool1d: FastAvgPool1d,
}


def accelerate(net: nn.Module) -> nn.Module:
    """A new module with the same parameters, buffers and names that computes faster.

    Outputs and gradients are the same within floating-point rounding. The two networks share their
    weights and buffers, also when these are written to; evaluation mode and hooks are separate. A
    convolution or average with hooks, a parametrisation or a forward of its own stays as it is, and
    so does every module of another kind.
    """
    twins: dict[nn.Module, nn.Module] = {}
    fast = _twin(net, twins)
    for module, twin in twins.items():
        if twin is not module:
            for name, value in module.__dict__.items():
                if name not in OWN:
                    twin.__dict__[name] = _referring(value, twins)
    return fast


# Attributes of nn.Module itself. The dictionaries of parameters and buffers are shared, so that a
# weight assigned to one network is seen by the other.
OWN = frozenset(nn.Module().__dict__)


def _twin(module: nn.Module, twins: dict[nn.Module, nn.Module]) -> nn.Module:
    if module in twins:  # a module that is used twice stays one module
        return twins[module]
    if _is_sealed(module):
        twins[module] = module
        return module
    # Not the class's own __new__: that of torch.fx makes another class, without the forward pass.
    twin = twins[module] = object.__new__(type(module))
    twin.__dict__.update(module.__dict__)
    for name in OWN:
        if "_hooks" in name:
            twin.__dict__[name] = module.__dict__[name].copy()
    twin.__dict__["_modules"] = {
        name: None if child is None else _twin(child, twins)
        for name, child in module._modules.items()
    }
    if _is_plain(module):
        twin.__class__ = FASTER[type(module)]
    return twin


def _is_sealed(module: nn.Module) -> bool:
    # Compiled, or without parameters yet: submodules cannot be replaced.
    return isinstance(module, torch.jit.ScriptModule) or any(
        isinstance(parameter, UninitializedParameter) for parameter in module.parameters()
    )


def _is_plain(module: nn.Module) -> bool:
    # The exact type, because a subclass (parametrised, quantised, a user's) may compute otherwise.
    return (
        type(module) in FASTER
        and "forward" not in module.__dict__
        and not any(value for name, value in module.__dict__.items() if name.endswith("_hooks"))
    )


def _referring(value: Any, twins: dict[nn.Module, nn.Module]) -> Any:
    """A plain attribute in which modules are replaced by their twins."""
    if isinstance(value, nn.Module):
        return twins.get(value, value)
    if isinstance(value, MethodType):
        owner = _referring(value.__self__, twins)
        return value if owner is value.__self__ else MethodType(value.__func__, owner)
    if type(value) in (list, tuple):
        items = [_referring(item, twins) for item in value]
        return value if all(map(operator.is_, items, value)) else type(value)(items)
    if type(value) is dict:
        old = list(value.values())
        new = _referring(old, twins)
        return value if new is old else dict(zip(value, new, strict=True))
    return value
