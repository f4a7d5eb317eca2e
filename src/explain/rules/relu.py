"""Gradients with another rule for sending them back through a ReLU, the only rectifier allowed."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import BackwardCFunction

from ..passes import Ecgs, Maps, input_gradient, nodes_behind, prediction
from .interception import RECTIFIERS, Call, Interception, Kind

NOT_DEFINED = (
    "expected ReLU activations, got {}, for which Guided Backprop and Deconvolution are not "
    "defined; take saliency or smoothgrad"
)
# Share of the gradient's largest value below which two gradients are equal but for rounding.
ROUNDING = 1e-4


class RectifiedReLU(torch.autograd.Function):
    """ReLU that sends back positive gradients (Zeiler & Fergus 2014).

    A guided one sends them where its input was positive (Springenberg 2015).
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, in_place: bool, guided: bool) -> Tensor:
        if in_place:
            ctx.mark_dirty(x)
        y = x.relu_() if in_place else x.relu()
        ctx.save_for_backward(*[y] * guided)
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        passed = gradients[0].clamp(min=0)
        # y is never negative: its sign is 1 or 0, and much faster than the mask y > 0.
        for y in ctx.saved_tensors:
            passed = passed * y.sign()
        return passed, None, None


def rectified_gradient(net: nn.Module, x: Ecgs, target: int, *, guided: bool) -> Maps:
    """Gradient with RectifiedReLU in place of every ReLU of the network.

    captum hooks the inputs of nn.ReLU modules instead: it misses a functional ReLU, and where that
    input also feeds a skip connection it changes the gradient of the skip as well. Raises
    ValueError when the network has rectifiers other than ReLU, and when no ReLU was replaced in a
    network that is not linear: the map would be the plain gradient under another name.
    """

    def rule(_: Kind, x: Tensor, call: Call) -> Tensor:
        in_place = call.name == "relu_" or bool(call.argument(0, "inplace"))
        return RectifiedReLU.apply(x, in_place, guided)

    x = x.detach().clone().requires_grad_()
    with torch.enable_grad():
        with Interception({Kind.RELU}, rule):
            outputs = prediction(net, x.clone(), target)
        others = other_rectifiers(outputs)
        if not others and any([*_masks(node)] for node in nodes_behind(outputs.grad_fn)):
            others = masks_of_the_signal(net, x, target)
        if others:
            raise ValueError(NOT_DEFINED.format(", ".join(others)))
        replaced = any(map(_is_rectified, nodes_behind(outputs.grad_fn)))
        (gradient,) = torch.autograd.grad(outputs.sum(), x)
    if not replaced:
        # The same at another ECG: the network is linear, without an activation to replace.
        elsewhere = input_gradient(net, -2 * x.detach().flip(-1), target)
        if not (elsewhere - gradient).abs().max() <= ROUNDING * gradient.abs().max():
            raise ValueError(
                "expected ReLU activations, which Guided Backprop and Deconvolution replace, got a "
                "network without one; its map would be the plain gradient: take saliency"
            )
    return gradient


# Nodes that pass or stop a value by a mask, with the attribute that holds the mask.
MASKED = {"Where": "_saved_condition", "MaskedFill": "_saved_mask"}


def other_rectifiers(outputs: Tensor) -> list[str]:
    """Names of rectifiers behind the outputs but RectifiedReLU.

    An autograd function of the network's own may hide one, and counts unless it says that it is
    `linear`, as those of the engine do.
    """
    nodes = nodes_behind(outputs.grad_fn)
    found = {_name(node) for node in nodes} & RECTIFIERS
    for node in nodes:
        if isinstance(node, BackwardCFunction) and not _is_known(node):
            found.add(f"{_name(node)} (an autograd function of its own)")
        if gate := _self_gate(node):
            found.add(gate)
    return sorted(found)


def masks_of_the_signal(net: nn.Module, x: Ecgs, target: int) -> list[str]:
    """Names of operations that pass or stop values by a mask which the ECG decides.

    Such a mask, as in x·(x > 0) or torch.where, is a rectifier. A mask that is the same for an ECG
    and for another one, such as that of padding, is none.
    """
    masks = []
    for one in (x[:1], -x[:1].flip(-1)):
        with torch.enable_grad():
            outputs = prediction(net, one.detach().clone().requires_grad_().clone(), target)
        # In the order of autograd's graph, which is the same for every ECG.
        masks.append([each for node in nodes_behind(outputs.grad_fn) for each in _masks(node)])
    pairs = zip(*masks, strict=False)
    return sorted({name for (name, mask), (_, other) in pairs if not torch.equal(mask, other)})


def _masks(node: Any) -> Iterator[tuple[str, Tensor]]:
    name = _name(node)
    if name in MASKED:
        yield name, getattr(node, MASKED[name])
    elif name == "IndexPut":
        for indices in node._saved_indices:
            if isinstance(indices, Tensor) and indices.dtype == torch.bool:
                yield name, indices
    elif name == "Mul" and len(node.next_functions) == 2:
        # What is multiplied with a constant is saved for the backward pass of the other.
        saved = (node._saved_self, node._saved_other)
        for (parent, _), other in zip(node.next_functions, saved, strict=True):
            if parent is None and isinstance(other, Tensor) and other.ndim and _binary(other):
                yield "x · mask", other


def _binary(values: Tensor) -> bool:
    return values.dtype == torch.bool or bool(((values == 0) | (values == 1)).all())


def _self_gate(node: Any) -> str:
    """Name of a product of a value with a function of the same value, such as x · sigmoid(x)."""
    if _name(node) == "Mul" and len(node.next_functions) == 2:
        first, second = node.next_functions
        for value, gate in ((first, second), (second, first)):
            if gate[0] is not None and _name(gate[0]) in ("Sigmoid", "Tanh"):
                parents = gate[0].next_functions
                if value[0] is not None and parents and parents[0] == value:
                    return f"x · {_name(gate[0]).lower()}(x)"
    return ""


def _is_rectified(node: Any) -> bool:
    return getattr(node, "_forward_cls", None) is RectifiedReLU


def _is_known(node: Any) -> bool:
    return _is_rectified(node) or getattr(node._forward_cls, "linear", False) is True


def _name(node: Any) -> str:
    return node.name().split("Backward")[0]
