"""The gradient with another rule for sending it back through a ReLU."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from .gradient import nodes_behind, prediction

# Every way of asking for a ReLU; nn.ReLU arrives here as functional.relu.
RELUS = (functional.relu, torch.relu, Tensor.relu)
RELUS_IN_PLACE = (torch.relu_, Tensor.relu_)
# What else a network may rectify with, by the name of its autograd node: there the rules say
# nothing, and the map would quietly be a mixture of two methods.
# fmt: off
OTHERS = frozenset({
    "Relu", "Threshold", "ClampMin", "Clamp", "Maximum", "Hardtanh", "LeakyRelu", "PreluKernel",
    "RreluWithNoise", "Elu", "Celu", "Gelu", "Silu", "Mish", "Hardswish", "Softplus",
})
# fmt: on


class GuidedReLU(torch.autograd.Function):
    """ReLU that sends back what is positive, where its input was positive (Springenberg 2015)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, in_place: bool) -> Tensor:
        if in_place:
            ctx.mark_dirty(x)
        y = x.relu_() if in_place else x.relu()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (y,) = ctx.saved_tensors
        # The sign of what a ReLU let through is 1 or 0, and much faster than the mask y > 0.
        return gradients[0].clamp(min=0) * y.sign(), None


class DeconvolvedReLU(torch.autograd.Function):
    """ReLU that sends back what is positive, whatever its input was (Zeiler & Fergus 2014)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, in_place: bool) -> Tensor:
        if in_place:
            ctx.mark_dirty(x)
        return x.relu_() if in_place else x.relu()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0].clamp(min=0), None


class _Replaced(TorchFunctionMode):
    """While entered, every ReLU of this thread is `relu`: module, function, reused or in place."""

    def __init__(self, relu: type[torch.autograd.Function]):
        self.relu = relu

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func in RELUS or func in RELUS_IN_PLACE:
            given = dict(zip(("input", "inplace"), args, strict=False)) | kwargs
            in_place = func in RELUS_IN_PLACE or given.get("inplace", False)
            return self.relu.apply(given["input"], in_place)
        return func(*args, **kwargs)


def rectified_gradient(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    relu: type[torch.autograd.Function],
) -> Float[Tensor, "batch lead time"]:
    """The gradient with `relu` in place of every ReLU of the network.

    captum hooks the inputs of nn.ReLU modules instead: it passes over a functional ReLU, and where
    that input also feeds a skip connection it rewrites the gradient of the skip as well. Nothing
    is hung on the network here. Raises ValueError when the network rectifies otherwise.
    """
    x = x.detach().clone().requires_grad_()
    with torch.enable_grad():
        with _Replaced(relu):
            outputs = prediction(net, x.clone(), target)
        if others := _other_rectifiers(outputs):
            raise ValueError(
                f"expected ReLU activations, got {', '.join(others)}, for which Guided Backprop "
                "and Deconvolution are not defined"
            )
        (gradient,) = torch.autograd.grad(outputs.sum(), x)
    return gradient


def _other_rectifiers(outputs: Tensor) -> list[str]:
    """The names of the rectifiers, other than the replaced ReLUs, on the way to the outputs."""
    found = {node.name().split("Backward")[0] for node in nodes_behind(outputs.grad_fn)}
    return sorted(found & OTHERS)
