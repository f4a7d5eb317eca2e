"""Feature shift: where a convolution's features lie on the ECG, which even kernels move."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from .interception import Call, Interception
from .operations import ACTIVATIONS, Kind

KINDS = ACTIVATIONS | {Kind.CONVOLUTION, Kind.MAXIMUM, Kind.BATCH_NORM, Kind.NORM}


# Largest size of all weights together, as a share of their sum: flat kernels have none below 0, and
# where half of them cancel, as behind a mean that is taken off, their middle is nowhere.
CANCELLED = 2.0


def feature_shift(
    net: nn.Module, x: Float[Tensor, "batch lead time"], layer: nn.Conv1d
) -> float | None:
    """Input samples by which a layer's features lie before the signal they see, mean of all paths.

    An even kernel with "same" padding looks half a sample ahead; strides and padding shift too.
    With every kernel flat, every activation and norm left out and means in place of maxima, the
    middle of the layer sees the ECG around its middle plus this shift. A skip connection and the
    layers that it skips count alike, and a gate without a time axis (squeeze and excitation) is
    open. None where the middle cannot be told, as on a network that normalises each ECG.
    """
    outputs: list[Any] = []
    hook = layer.register_forward_hook(lambda _layer, _x, features: outputs.append(features))
    given = torch.ones_like(x[:1]).requires_grad_()
    try:
        with torch.enable_grad(), Interception(KINDS, _mean_over_time):
            net(given.clone())
    finally:
        hook.remove()
    with torch.enable_grad():
        seen = outputs[-1].sum(1)[0]
        last = len(seen) - 1
        # The two samples in the middle, if their number is even.
        centre = seen[last // 2] + seen[(last + 1) // 2]
        (weight,) = torch.autograd.grad(centre, given)
    over_time = weight.sum((0, 1)).double()
    time = torch.arange(len(over_time), device=x.device) - (len(over_time) - 1) / 2
    found = float((over_time * time).sum() / over_time.sum())
    whole = float(over_time.abs().sum()) <= CANCELLED * float(over_time.sum().abs())
    return found if whole and abs(found) < len(over_time) / 2 else None


def _mean_over_time(kind: Kind, x: Tensor, call: Call) -> Tensor:
    """Mean over time in place of what a step computes."""
    if kind is Kind.CONVOLUTION:
        weight = call.argument(0, "weight")
        return call.with_weights(torch.full_like(weight, 1 / weight[0].numel()), None)(x)
    if kind is Kind.MAXIMUM:
        return _average(x, call)
    # A gate weighs all times alike, so that its slope does not tell where a feature lies.
    gate = kind in ACTIVATIONS and (x.ndim == 2 or x.shape[-1] == 1)
    return torch.ones_like(x) if gate else x


def _average(x: Tensor, call: Call) -> Tensor:
    """Average in place of a maximum; a dilated window is averaged over all its samples."""
    averaging = getattr(functional, call.name.replace("max", "avg"))
    if call.name.startswith("adaptive"):
        return averaging(x, call.argument(0, "output_size"))
    places = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
    given = {**dict(zip(places, call.rest, strict=False)), **call.named}
    padding, ceil = given.get("padding", 0), given.get("ceil_mode", False)
    return averaging(x, given["kernel_size"], given.get("stride"), padding, ceil)
