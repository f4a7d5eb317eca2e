"""Functions of torch that a network calls, by kind, handed to a rule before they run."""

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from torch import Tensor
from torch.overrides import TorchFunctionMode


class Kind(StrEnum):
    """Effect of a function of torch on the values that a network computes."""

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
    LOG_SUM = "logarithm of a sum of exponentials"
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
        *("clamp_", "clip", "clip_", "clamp_min", "clamp_min_", "clamp_max", "clamp_max_"),
        *("rrelu", "softshrink", "atan", "arctan"),
    ),
    Kind.MAXIMUM: tuple(f"{kind}max_pool{n}d" for kind in ("", "adaptive_") for n in (1, 2, 3)),
    Kind.CONVOLUTION: ("conv1d", "conv1d_by_fft"),
    Kind.DENSE: ("linear",),
    Kind.BATCH_NORM: ("batch_norm",),
    Kind.NORM: ("layer_norm", "group_norm", "instance_norm"),
    Kind.PRODUCT: ("mul", "multiply", "__mul__", "__rmul__"),
    Kind.MATRIX_PRODUCT: ("matmul", "__matmul__", "bmm", "einsum"),
    Kind.SOFTMAX: ("softmax",),
    Kind.LOG_SUM: ("logsumexp",),
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


AnyCall = TypeVar("AnyCall", bound="Call")


class Call:
    """A call of a function of torch, with all its arguments but the first."""

    def __init__(self, func: Callable[..., Any], rest: Sequence[Any], named: Mapping[str, Any]):
        """`rest` and `named` are the other arguments, by place and by name."""
        self.func, self.rest, self.named = func, rest, named

    @property
    def name(self) -> str:
        """Name of the function; it ends in an underscore for one in place."""
        return getattr(self.func, "__name__", "")

    def __call__(self, x: Tensor) -> Any:
        """Result of the function for another first argument."""
        return self.func(x, *self.rest, **self.named)

    def argument(self, place: int, name: str) -> Any:
        """An argument, given by place or by name; None if it was not given."""
        return self.rest[place] if len(self.rest) > place else self.named.get(name)

    def with_weights(self: AnyCall, weight: Tensor, bias: Tensor | None) -> AnyCall:
        """The same call of a convolution or a dense layer with other weights."""
        named = {key: one for key, one in self.named.items() if key not in ("weight", "bias")}
        return type(self)(self.func, (weight, bias, *self.rest[2:]), named)


FIRST = ("input", "query")  # names of a first argument
# Result that the network goes on with, given the kind of the function, its first argument and the
# call itself. Functions called inside are not intercepted.
Rule = Callable[[Kind, Tensor, Call], Any]


class Interception(TorchFunctionMode):
    """While entered, this thread's calls of functions of some kinds are answered by a rule.

    It sees a module, a method, a function and one in place alike, and a module that is used twice,
    where hooks on modules miss some of them. Nothing is attached to the network.
    """

    def __init__(self, kinds: Collection[Kind], rule: Rule):
        """`kinds` of functions are answered by `rule`, all others run as they are."""
        self._kinds, self._rule = kinds, rule

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs, name = kwargs or {}, getattr(func, "__name__", "")
        kind = KIND.get(name)
        if name == "einsum":
            func, args = _of_two(func, args)
        first = next((key for key in FIRST if key in kwargs), "input")
        x = args[0] if args else kwargs.get(first)
        if kind is None or kind not in self._kinds or not isinstance(x, Tensor):
            return func(*args, **kwargs)
        others = {key: value for key, value in kwargs.items() if args or key != first}
        return self._rule(kind, x, Call(func, args[1:], others))


def _of_two(
    func: Callable[..., Any], args: Sequence[Any]
) -> tuple[Callable[..., Any], Sequence[Any]]:
    """einsum as a function of its two values; as it is for another number of them."""
    values = args[1] if len(args) == 2 and isinstance(args[1], tuple | list) else args[1:]
    if len(values) != 2:
        return func, args
    return (lambda first, second: func(args[0], first, second)), values


def depends_on(x: Tensor, ecgs: int) -> bool:
    """True if a value comes from the ECGs one by one, `ecgs` of them or a multiple.

    Others are computed from the weights alone, and are the same for every ECG, or mix the ECGs.
    """
    return x.requires_grad and x.ndim > 0 and len(x) % ecgs == 0
