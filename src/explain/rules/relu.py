"""Gradients with another rule for sending them back through a ReLU."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..passes import input_gradient, nodes_behind, prediction
from .interception import Call, Interception
from .operations import Kind
from .rectifiers import has_masks, masks_of_the_signal, other_rectifiers

NOT_DEFINED = (
    "expected ReLU activations, got {}, for which Guided Backprop and Deconvolution are not "
    "defined; take saliency or smoothgrad"
)
# Share of the gradient's largest value below which two gradients are equal but for rounding.
ROUNDING = 1e-4


class GuidedReLU(torch.autograd.Function):
    """ReLU that sends back positive gradients where its input was positive (Springenberg 2015)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, in_place: bool) -> Tensor:
        """ReLU of x."""
        if in_place:
            ctx.mark_dirty(x)
        y = x.relu_() if in_place else x.relu()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """Gradient under the rule."""
        (y,) = ctx.saved_tensors
        # y is never negative: its sign is 1 or 0, and much faster than the mask y > 0.
        return gradients[0].clamp(min=0) * y.sign(), None


class DeconvolvedReLU(torch.autograd.Function):
    """ReLU that sends back positive gradients, whatever its input was (Zeiler & Fergus 2014)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, in_place: bool) -> Tensor:
        """ReLU of x."""
        if in_place:
            ctx.mark_dirty(x)
        return x.relu_() if in_place else x.relu()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """Gradient under the rule."""
        return gradients[0].clamp(min=0), None


def rectified_gradient(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    relu: type[torch.autograd.Function],
) -> Float[Tensor, "batch lead time"]:
    """Gradient with `relu` in place of every ReLU of the network.

    captum hooks the inputs of nn.ReLU modules instead: it misses a functional ReLU, and where that
    input also feeds a skip connection it changes the gradient of the skip as well. Raises
    ValueError when the network has rectifiers other than ReLU, and when no ReLU was replaced in a
    network that is not linear: the map would be the plain gradient under another name.
    """

    def rule(_: Kind, x: Tensor, call: Call) -> Tensor:
        in_place = call.name == "relu_" or bool(call.argument(0, "inplace"))
        return relu.apply(x, in_place)

    x = x.detach().clone().requires_grad_()
    with torch.enable_grad():
        with Interception({Kind.RELU}, rule):
            outputs = prediction(net, x.clone(), target)
        others = other_rectifiers(outputs, relu)
        if not others and has_masks(outputs):
            others = masks_of_the_signal(net, x, target)
        if others:
            raise ValueError(NOT_DEFINED.format(", ".join(others)))
        replaced = any(
            node.name() == f"{relu.__name__}Backward" for node in nodes_behind(outputs.grad_fn)
        )
        (gradient,) = torch.autograd.grad(outputs.sum(), x)
    if not replaced and not _linear(net, x, target, gradient):
        raise ValueError(
            "expected ReLU activations, which Guided Backprop and Deconvolution replace, got a "
            "network without one; its map would be the plain gradient: take saliency"
        )
    return gradient


def _linear(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    gradient: Float[Tensor, "batch lead time"],
) -> bool:
    """Whether the gradient is the same at another ECG: there is no activation to replace."""
    elsewhere = input_gradient(net, -2 * x.detach().flip(-1), target)
    return bool((elsewhere - gradient).abs().max() <= ROUNDING * gradient.abs().max())
