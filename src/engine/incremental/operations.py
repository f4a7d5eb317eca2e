"""Operations of torch along time, and the nodes of an exported program that call them."""

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch._ops import OpOverload
from torch.fx import Node
from torch.fx.node import map_arg
from torch.nn import functional

from ..convolution import averages, fft_pays, margins
from .steps import Filter, Kernels

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
        return replace(self, left=self.left + left, right=self.right + right)

    def scaled(self, scale: Float[Tensor, " out"], shift: Float[Tensor, " out"]) -> "Bank":
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
    left, right = margins(given["padding"], weight.shape[-1], dilation)
    bias = weight.new_zeros(len(weight)) if bias is None else bias
    return Bank(weight, bias, given["stride"][0], left, right, dilation, given["groups"])


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
    filter = Filter(kernel, stride, padding, right, lambda x: averages(x, kernel, stride))
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
    """True if an operation is the mean over time."""
    if name == "adaptive_avg_pool1d":
        return list(given["output_size"]) == [1]
    return name == "mean" and given.get("dim") in ([-1], [2]) and given["dtype"] is None


def varies_along_time(value: Any) -> bool:
    """True if a constant differs between samples; NotUnderstoodError if it does between ECGs."""
    if not isinstance(value, Tensor) or value.numel() == 1:
        return False
    if math.prod(value.shape[:-2]) != 1:
        raise NotUnderstoodError("a constant that differs between ECGs")
    return value.shape[-1] != 1


def operation(node: Node) -> OpOverload:
    """Operation of a node."""
    if not isinstance(node.target, OpOverload):
        raise NotUnderstoodError(f"a call of {node.target}")
    return node.target


def takes_one_of_several(node: Node) -> bool:
    """True if the node only takes one of the results of the node before."""
    return node.target is operator.getitem


def name_of(node: Node) -> str:
    """Name of the operation, the same whether or not it writes in place."""
    return operation(node)._schema.name.partition("::")[2].removesuffix("_")


def first_of(node: Node) -> Node:
    """First argument, which is the signal of an operation along time."""
    source = node.args[0]
    if not isinstance(source, Node):
        raise NotUnderstoodError(f"{name_of(node)} of several signals or none")
    return source


def arguments(node: Node, constants: Mapping[Node, Any]) -> dict[str, Any]:
    """Arguments by name, with the values of constants."""
    expected = operation(node)._schema.arguments
    given: dict[str, Any] = {one.name: one.default_value for one in expected}
    given |= dict(zip((one.name for one in expected), node.args, strict=False)) | node.kwargs
    return {
        name: constants.get(value, value) if isinstance(value, Node) else value
        for name, value in given.items()
    }


def filled(given: Any, values: Mapping[Node, Any]) -> Any:
    """Arguments in which nodes are replaced by their values."""
    return map_arg(given, values.__getitem__)


def evaluated(node: Node, values: Mapping[Node, Any]) -> Any:
    """Result of the operation for these values."""
    compute = operator.getitem if takes_one_of_several(node) else operation(node)
    return compute(*filled(node.args, values), **filled(node.kwargs, values))


def writes_in_place(node: Node) -> bool:
    """True if the operation changes one of its arguments."""
    return not takes_one_of_several(node) and operation(node)._schema.is_mutable


def draws(node: Node) -> bool:
    """True if the operation draws random numbers; dropout does in training only."""
    if takes_one_of_several(node) or torch.Tag.nondeterministic_seeded not in operation(node).tags:
        return False
    given = arguments(node, {})
    return not (given.get("train") is False or given.get("dropout_p") == 0)


def out_of_place(node: Node) -> OpOverload:
    """The operation without writing in place, because several steps may read a window."""
    if not writes_in_place(node):
        return operation(node)
    return getattr(getattr(torch.ops.aten, name_of(node)), operation(node)._overloadname)


def time_of(node: Node) -> int:
    """Number of samples along time."""
    value = node.meta["val"]
    if not isinstance(value, Tensor):
        raise NotUnderstoodError("several results")
    return value.shape[-1]
