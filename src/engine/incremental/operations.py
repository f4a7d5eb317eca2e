"""Operations of torch along time, as filters and functions of each sample."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from ..convolution import fft_pays
from .filter import Filter, Kernels

# Functions of each sample by itself, whose other arguments must not vary along time.
POINTWISE = frozenset({
    "abs", "add", "celu", "clamp", "clone", "contiguous", "div", "elu", "gelu", "hardsigmoid",
    "hardswish", "hardtanh", "leaky_relu", "mish", "mul", "neg", "prelu", "relu", "relu6", "selu",
    "sigmoid", "silu", "softplus", "sub", "tanh",
})  # fmt: skip


class NotUnderstoodError(Exception):
    """An operation along time for which no window is known."""


@dataclass(frozen=True, eq=False)
class Bank:
    """A convolution: a bank of kernels with bias and zeros as padding."""

    weight: Float[Tensor, "out inputs kernel"]
    bias: Float[Tensor, " out"]
    stride: int
    left: int
    right: int
    dilation: int
    groups: int

    def padded(self, left: int, right: int) -> "Bank":
        """This convolution with more zeros as padding."""
        return replace(self, left=self.left + left, right=self.right + right)

    def scaled(self, scale: Float[Tensor, " out"], shift: Float[Tensor, " out"]) -> "Bank":
        """This convolution with scaled and shifted outputs."""
        weight = self.weight.double() * scale[:, None, None]
        bias = self.bias.double() * scale + shift
        return replace(self, weight=weight.to(self.weight), bias=bias.to(self.bias))

    def filter(self) -> Filter:
        """Filter of this convolution; long kernels by FFT."""
        kernel, around = self.weight.shape[-1], (self.left, self.right)

        def directly(x: Tensor) -> Tensor:
            return functional.conv1d(
                x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups
            )

        by_fft = (
            self.stride == self.dilation == self.groups == 1
            and fft_pays(kernel, self.weight.shape[1], self.weight.shape[0])
            and 0 <= min(around) <= max(around) < kernel
        )
        kernels = Kernels(self.weight, self.bias) if by_fft else None
        reach = (kernel - 1) * self.dilation + 1
        return Filter(reach, self.stride, *around, directly, kernels)


def bank_of(given: Mapping[str, Any]) -> Bank:
    """Bank of kernels in a convolution's arguments."""
    weight, bias = given["weight"], given["bias"]
    if not isinstance(weight, Tensor):
        raise NotUnderstoodError("kernels that depend on the ECG")
    (dilation,) = given["dilation"]
    extra = dilation * (weight.shape[-1] - 1)
    padding = given["padding"]
    if padding == "same":
        left = extra // 2
    elif padding == "valid":
        left = extra = 0
    else:
        (left,) = padding
        extra = 2 * left
    bias = weight.new_zeros(len(weight)) if bias is None else bias
    return Bank(weight, bias, given["stride"][0], left, extra - left, dilation, given["groups"])


def scale_and_shift(
    given: Mapping[str, Any],
) -> tuple[Float[Tensor, " channel"], Float[Tensor, " channel"]]:
    """Factor and offset of a BatchNorm in evaluation mode, in float64."""
    mean, variance = given["running_mean"].double(), given["running_var"].double()
    scale = (variance + given["eps"]).rsqrt()
    if given["weight"] is not None:
        scale = scale * given["weight"].double()
    shift = -mean * scale
    return scale, shift if given["bias"] is None else shift + given["bias"].double()


def constant_around(given: Mapping[str, Any]) -> Filter:
    """Filter of a padding, which only adds a constant, or cuts where a number is below 0."""
    pad = given["pad"]
    if len(pad) != 2 or given.get("mode", "constant") != "constant":
        raise NotUnderstoodError("padding with other values than a constant")
    return Filter(1, 1, pad[0], pad[1], lambda x: x, fill=float(given["value"] or 0))


def maximum(given: Mapping[str, Any], time: int, out: int) -> Filter:
    """Filter of a maximum over neighbours, from `time` samples to `out`."""
    kernel, stride, padding = _pooled(given)
    (dilation,) = given["dilation"]
    reach = (kernel - 1) * dilation + 1
    right = _behind(reach, stride, padding, time, out)

    def directly(x: Tensor) -> Tensor:
        return functional.max_pool1d(x, kernel, stride, 0, dilation)

    return Filter(reach, stride, padding, right, directly, fill=-math.inf)


def average(
    given: Mapping[str, Any], time: int, out: int
) -> tuple[Filter, Float[Tensor, " {out}"] | None]:
    """Filter of an average over neighbours and zeros around, and what to multiply it by.

    None where nothing is to be multiplied. Otherwise windows at the ends leave out the zeros.
    """
    kernel, stride, padding = _pooled(given)
    right = _behind(kernel, stride, padding, time, out)
    filter = Filter(
        kernel, stride, padding, right, lambda x: functional.avg_pool1d(x, kernel, stride)
    )
    ones = torch.ones(1, 1, time, dtype=torch.float64)
    with_zeros = filter.whole(ones)
    as_asked = functional.avg_pool1d(
        ones, kernel, stride, padding, given["ceil_mode"], given["count_include_pad"]
    )
    factor = (as_asked / with_zeros)[0, 0]
    return filter, None if (factor == 1).all() else factor


def _pooled(given: Mapping[str, Any]) -> tuple[int, int, int]:
    """Kernel, stride and padding in front."""
    (kernel,), (padding,) = given["kernel_size"], given["padding"]
    return kernel, (given["stride"] or [kernel])[0], padding


def _behind(reach: int, stride: int, left: int, time: int, out: int) -> int:
    """Number of samples behind a signal that `out` windows read, below 0 where some are unread."""
    return (out - 1) * stride + reach - left - time


def is_mean(name: str, given: Mapping[str, Any]) -> bool:
    """Whether an operation is the mean over time."""
    if name == "adaptive_avg_pool1d":
        return list(given["output_size"]) == [1]
    return name == "mean" and given.get("dim") in ([-1], [2]) and given["dtype"] is None


def varies_along_time(value: Any) -> bool:
    """Whether a constant differs between samples.

    Raises NotUnderstoodError if it differs between ECGs.
    """
    if not isinstance(value, Tensor) or value.numel() == 1:
        return False
    if math.prod(value.shape[:-2]) != 1:
        raise NotUnderstoodError("a constant that differs between ECGs")
    return value.shape[-1] != 1
