"""Operations of torch along time, as filters and functions of each sample."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

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


# Operations that torch.func.vmap runs on many rows at once; for others it warns that it is slow.
BATCHED = frozenset({
    "add", "addmm", "cat", "clamp", "div", "dropout", "flatten", "gelu", "layer_norm", "linear",
    "mul", "neg", "relu", "reshape", "sigmoid", "silu", "slice", "softmax", "softplus", "squeeze",
    "sub", "t", "tanh", "transpose", "unsqueeze", "view",
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


def zeros_around(given: Mapping[str, Any]) -> tuple[int, int]:
    """Numbers of zeros that a padding adds in front and behind."""
    pad = given["pad"]
    if len(pad) != 2 or given.get("mode", "constant") != "constant" or given["value"]:
        raise NotUnderstoodError("padding with other values than zeros")
    return pad[0], pad[1]


def shifting(left: int, right: int) -> Filter:
    """Filter that only adds zeros, or cuts where `left` or `right` is below 0."""
    return Filter(1, 1, left, right, lambda x: x)


def pooling(name: str, given: Mapping[str, Any]) -> Filter:
    """Filter of an average or a maximum over neighbours."""
    (kernel,) = given["kernel_size"]
    (stride,) = given["stride"] or [kernel]
    (padding,) = given["padding"]
    if given["ceil_mode"]:
        raise NotUnderstoodError("pooling beyond the end")
    if name == "avg_pool1d":
        if padding and not given["count_include_pad"]:
            raise NotUnderstoodError("an average that leaves out the padding")
        return Filter(
            kernel, stride, padding, padding, lambda x: functional.avg_pool1d(x, kernel, stride)
        )
    (dilation,) = given["dilation"]
    if padding:
        raise NotUnderstoodError("a maximum with padding, which is -inf")
    return Filter(
        (kernel - 1) * dilation + 1,
        stride,
        0,
        0,
        lambda x: functional.max_pool1d(x, kernel, stride, 0, dilation),
    )


def is_mean(name: str, given: Mapping[str, Any]) -> bool:
    """Whether an operation is the mean over time."""
    if name == "adaptive_avg_pool1d":
        return list(given["output_size"]) == [1]
    return name == "mean" and given.get("dim") in ([-1], [2]) and given["dtype"] is None


def varies_along_time(value: Any) -> bool:
    """Whether a constant differs between samples or between ECGs."""
    if not isinstance(value, Tensor) or value.numel() == 1:
        return False
    return value.shape[-1] != 1 or math.prod(value.shape[:-2]) != 1
