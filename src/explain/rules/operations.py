"""Kinds of torch's functions: the one table that every rule reads."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a function of torch does to the values that a network computes."""

    RELU = "ReLU"
    ACTIVATION = "another function of each value by itself"
    MAXIMUM = "maximum over neighbours"
    CONVOLUTION = "convolution along time"
    DENSE = "dense layer"
    BATCH_NORM = "batch normalisation"
    NORM = "another normalisation"
    PRODUCT = "product of two values"
    MATRIX_PRODUCT = "matrix product of two values"
    SOFTMAX = "softmax"
    ATTENTION = "attention as one function"
    RECURRENCE = "recurrent layer"
    EXPORT = "values handed to python, where torch does not see them"


ACTIVATIONS = frozenset({Kind.RELU, Kind.ACTIVATION})
LAYERS = frozenset({Kind.CONVOLUTION, Kind.DENSE})

# By the name of the function: the module, the method of a tensor, the function in torch and the one
# in place all arrive under it.
NAMES: dict[Kind, tuple[str, ...]] = {
    Kind.RELU: ("relu", "relu_"),
    Kind.ACTIVATION: (
        *("relu6", "leaky_relu", "leaky_relu_", "prelu", "elu", "elu_", "celu", "celu_", "selu"),
        *("selu_", "gelu", "silu", "mish", "hardswish", "hardsigmoid", "hardtanh", "hardtanh_"),
        *("softplus", "softsign", "logsigmoid", "sigmoid", "sigmoid_", "tanh", "tanh_", "clamp"),
        "clamp_",
    ),
    Kind.MAXIMUM: tuple(f"{kind}max_pool{n}d" for kind in ("", "adaptive_") for n in (1, 2, 3)),
    Kind.CONVOLUTION: ("conv1d", "conv1d_by_fft"),
    Kind.DENSE: ("linear",),
    Kind.BATCH_NORM: ("batch_norm",),
    Kind.NORM: ("layer_norm", "group_norm", "instance_norm"),
    Kind.PRODUCT: ("mul", "multiply", "__mul__", "__rmul__"),
    Kind.MATRIX_PRODUCT: ("matmul", "__matmul__", "bmm", "einsum"),
    Kind.SOFTMAX: ("softmax",),
    Kind.ATTENTION: ("scaled_dot_product_attention", "multi_head_attention_forward"),
    Kind.RECURRENCE: ("lstm",),
    Kind.EXPORT: ("numpy", "tolist", "__array__"),
}
KIND = {name: kind for kind, names in NAMES.items() for name in names}

# Rectifiers other than ReLU by the name of their node in autograd's graph: rules for ReLU say
# nothing about them, and a map would quietly be a mixture of two methods.
RECTIFIERS = frozenset({
    "Relu", "Threshold", "ClampMin", "Clamp", "Maximum", "Hardtanh", "LeakyRelu", "PreluKernel",
    "RreluWithNoise", "Elu", "Celu", "Gelu", "Silu", "Mish", "Hardswish", "Softplus", "Glu",
})  # fmt: skip
# Step functions by the name of torch's low-level operation. Operations that turn numbers into
# indices, truth values or python numbers are told by the type of their result.
STEPPED = frozenset({
    "round", "floor", "ceil", "trunc", "frac", "sign", "sgn", "heaviside", "fmod", "remainder",
    "floor_divide", "threshold", "hardshrink",
})  # fmt: skip


def kind_of(function: Callable[..., Any]) -> Kind | None:
    """Kind of a function of torch, None if no rule concerns it."""
    return KIND.get(getattr(function, "__name__", ""))
