"""DeepLIFT's rescale rule at every activation (Shrikumar 2017): slopes of chords, not tangents."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from .gradient import prediction

# What the rule is defined for, by the name of the function: the module, the method, the function
# in torch and the one in place all arrive under it.
# fmt: off
ACTIVATIONS = frozenset({
    "relu", "relu_", "relu6", "leaky_relu", "leaky_relu_", "prelu", "elu", "elu_", "celu", "celu_",
    "selu", "selu_", "gelu", "silu", "mish", "hardswish", "hardsigmoid", "hardtanh", "hardtanh_",
    "softplus", "softsign", "logsigmoid", "sigmoid", "sigmoid_", "tanh", "tanh_", "clamp", "clamp_",
})
MAXIMA = frozenset({f"{kind}max_pool{n}d" for kind in ("", "adaptive_") for n in (1, 2, 3)})
# fmt: on
# Below this change of its input an activation's own slope is taken, as captum does.
LEAST_CHANGE = 1e-10


def multipliers(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    baseline: Float[Tensor, "lead time"],
) -> tuple[Float[Tensor, "batch lead time"], Float[Tensor, " batch_and_one"]]:
    """How much the output changes per µV of departure from the baseline; and the outputs, its last.

    The ECGs and the one to which all are compared go through the network together.
    """
    given = torch.cat([x.detach(), baseline[None]]).requires_grad_()
    with torch.enable_grad():
        with _Rescaling(len(x)):
            outputs = prediction(net, given.clone(), target)
        (gradient,) = torch.autograd.grad(outputs[:-1].sum(), given)
    return gradient[:-1], outputs.detach()


class _Rescaling(TorchFunctionMode):
    """While entered, every activation of this thread sends back by the rule."""

    def __init__(self, ecgs: int):
        self.ecgs = ecgs

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        if name not in ACTIVATIONS | MAXIMA:
            return func(*args, **kwargs)
        x = kwargs.pop("input") if "input" in kwargs else args[0]
        # What is computed from the weights alone, or mixes the ECGs, has no change of its own.
        if not x.requires_grad or x.ndim == 0 or len(x) % (self.ecgs + 1):
            return func(x, *args[1:], **kwargs)
        rule = _Maximum if name in MAXIMA else _Activation
        return rule.apply(x, lambda x: func(x, *args[1:], **kwargs), self.ecgs)


class _Activation(torch.autograd.Function):
    """What comes back times the slope of the chord, (y − y₀) / (x − x₀)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, activation: Callable[[Tensor], Tensor], ecgs: int) -> Tensor:
        with torch.enable_grad():
            at = x.detach().requires_grad_()
            copied = at.clone()  # an activation in place writes into it
            y = activation(copied)
            (tangent,) = torch.autograd.grad(y.sum(), at)
        in_place = y.data_ptr() == copied.data_ptr()
        y = y.detach()
        step, rise = change(x, ecgs), change(y, ecgs)
        chord = torch.where(step.abs() < LEAST_CHANGE, tangent[: len(step)], rise / step)
        ctx.save_for_backward(chord)
        if in_place:
            ctx.mark_dirty(x)
            return x.copy_(y)
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (chord,) = ctx.saved_tensors
        (gradient,) = gradients
        return padded(gradient[: len(chord)] * chord, len(gradient)), None, None


class _Maximum(torch.autograd.Function):
    """What rises from y₀ goes to the largest place in x, what falls to the largest in x₀.

    Where several places of x₀ are equal within rounding, as 0 µV makes them, it is any of them.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, maximum: Callable[[Tensor], Tensor], ecgs: int) -> Tensor:
        y = maximum(x)
        # Not y itself: what follows may write into it.
        ctx.save_for_backward(x, change(y, ecgs))
        ctx.maximum, ctx.ecgs = maximum, ecgs
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        x, rise = ctx.saved_tensors
        step = change(x, ctx.ecgs)
        gradient = gradients[0][: len(rise)]
        own = x[: len(step)].detach().requires_grad_()
        base = x[len(step) :].repeat(ctx.ecgs, *[1] * (x.ndim - 1)).requires_grad_()
        with torch.enable_grad():
            y, y_base = ctx.maximum(own), ctx.maximum(base)
        (tangent,) = torch.autograd.grad(y, own, gradient, retain_graph=True)
        (up,) = torch.autograd.grad(y, own, gradient * rise.clamp(min=0))
        (down,) = torch.autograd.grad(y_base, base, gradient * rise.clamp(max=0))
        sent = torch.where(step.abs() < LEAST_CHANGE, tangent, (up + down) / step)
        return padded(sent, len(x)), None, None


def change(values: Float[Tensor, "all ..."], ecgs: int) -> Float[Tensor, "own ..."]:
    """Each ECG's values less those of the baseline, which come last."""
    parts = values.unflatten(0, (ecgs + 1, -1))
    return (parts[:-1] - parts[-1:]).flatten(0, 1)


def padded(values: Float[Tensor, "own ..."], rows: int) -> Float[Tensor, "all ..."]:
    """With zeros for the baseline, whose own multipliers nobody asks for."""
    return torch.cat([values, values.new_zeros((rows - len(values), *values.shape[1:]))])
