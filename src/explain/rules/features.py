"""Feature maps of a convolution: which one to take, its Grad-CAM, and its place on the ECG."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from ...engine import of_any_signal, prepared_in
from ..passes import Ecgs, nodes_behind
from .interception import ACTIVATIONS, Call, Interception, Kind

# Messages of torch for a layer that the output does not depend on, and of captum for one that never
# ran.
BESIDE = ("not have been used in the graph", "did not obtain any outputs")


def grad_cam(
    net: nn.Module, x: Ecgs, target: int, layer: nn.Conv1d
) -> Float[Tensor, "row 1 short"]:
    """Signed sum of a convolution's channels, each weighted by its gradient's mean over time."""
    from captum.attr import LayerGradCam  # captum takes half a second

    explainer = LayerGradCam(net, layer)
    given = x.detach().clone().requires_grad_()
    try:
        cam = cast(Tensor, explainer.attribute(given, target)).detach()
    except (RuntimeError, AssertionError) as problem:
        if not any(known in str(problem) for known in BESIDE):
            raise
        raise ValueError(
            f"expected a convolution on the way to output {target}, got one beside it; "
            "name another as layer"
        ) from None
    rows = len(own_input(net, x)[1])
    if len(cam) != rows or cam.ndim != 3:
        raise ValueError(
            "expected a convolution that gives (batch, channel, time), got one that sees the leads "
            f"one by one or no batch: {len(cam)} rows for {rows} ECGs"
        )
    return cam


def own_input(net: nn.Module, x: Ecgs) -> tuple[nn.Module, Float[Tensor, "row own_lead own_time"]]:
    """The part of a network that reads prepared ECGs, and what it reads of these.

    A network without a preparation is all of it. Raises ValueError for several networks whose
    outputs are averaged: a layer belongs to one of them.
    """
    prepared = prepared_in(net)
    if prepared is None:
        return net, x
    if prepared.averaged > 1:
        raise ValueError(
            f"expected one network, got {prepared.averaged} whose outputs are averaged; explain "
            "one of them by its layers"
        )
    found: list[Tensor] = []
    hook = prepared.core.register_forward_pre_hook(lambda _, given: found.append(given[0].detach()))
    with hook, torch.no_grad():
        net(x)
    return prepared.core, found[0]


def along_record(
    net: nn.Module, curve: Float[Tensor, "row 1 own_time"], time: int
) -> Float[Tensor, "batch 1 {time}"]:
    """Curve over the time of a network's prepared input, at the samples of the record."""
    prepared = prepared_in(net)
    return curve if prepared is None else prepared.along_record(curve, time)


def stretched(
    cam: Float[Tensor, "batch 1 short"], time: int, shift: float
) -> Float[Tensor, "batch 1 {time}"]:
    """Curve over the ECG's samples, linear between features that lie `shift` samples later.

    Each feature lies in the middle of its share of the ECG.
    """
    last = cam.shape[-1] - 1
    middles = torch.arange(time, device=cam.device, dtype=cam.dtype) + 0.5 - shift
    # The curve is constant before the first feature and after the last.
    places = (middles * cam.shape[-1] / time - 0.5).clamp(0, last)
    before = places.long().clamp(max=max(0, last - 1))
    share = places - before
    return cam[..., before] * (1 - share) + cam[..., before + 1] * share


def convolution(net: nn.Module, x: Ecgs, name: str | None) -> nn.Conv1d:
    """The convolution of this name, or the deepest one for None; raises ValueError if absent."""
    found = {key: module for key, module in net.named_modules() if isinstance(module, nn.Conv1d)}
    if not found:
        raise ValueError("expected a network with an nn.Conv1d layer, got one without")
    if name is None:
        return _deepest(net, x, list(found.values()))
    if name not in found:
        raise ValueError(f"expected the name of a convolution ({', '.join(found)}), got {name!r}")
    return found[name]


GATES = frozenset({"Softmax", "Sigmoid"})


def _deepest(net: nn.Module, x: Ecgs, found: Sequence[nn.Conv1d]) -> nn.Conv1d:
    """Convolution with the most others before it; a gate does not count.

    That is one without a time axis, or whose features reach the output through a softmax or sigmoid
    alone: the mean over time of such a gradient is 0 or says how much of the signal passes.
    """
    nodes: dict[nn.Conv1d, Any] = {}

    def ran(layer: nn.Conv1d, _: Any, features: Tensor) -> None:
        if features.shape[-1] > 1:
            nodes.pop(layer, None)
            nodes[layer] = features.grad_fn

    with ExitStack() as hooks:
        for layer in found:
            hooks.enter_context(layer.register_forward_hook(ran))
        outputs = net(x[:1].detach().clone().requires_grad_().clone())
    straight = nodes_behind(getattr(outputs, "grad_fn", None), GATES)
    nodes = {layer: node for layer, node in nodes.items() if node in straight} or nodes
    if not nodes:
        raise ValueError(
            "expected a convolution that keeps the time axis, got 1 sample; name another as layer"
        )
    others = set(nodes.values())
    return max(reversed(nodes), key=lambda one: len(others & nodes_behind(nodes[one]).keys()))


KINDS = ACTIVATIONS | {Kind.CONVOLUTION, Kind.MAXIMUM, Kind.BATCH_NORM, Kind.NORM}
# Largest size of all weights together, as a share of their sum: flat kernels have none below 0, and
# where half of them cancel, as behind a mean that is taken off, their middle is nowhere.
CANCELLED = 2.0


def feature_shift(net: nn.Module, x: Ecgs, layer: nn.Conv1d) -> float | None:
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
    with hook, torch.enable_grad(), Interception(KINDS, _mean_over_time), of_any_signal(net):
        net(given.clone())
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
    """Average in place of a maximum."""
    averaging = getattr(functional, call.name.replace("max", "avg"))
    if call.name.startswith("adaptive"):
        return averaging(x, call.argument(0, "output_size"))
    places = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
    given = {**dict(zip(places, call.rest, strict=False)), **call.named}
    padding, ceil = given.get("padding", 0), given.get("ceil_mode", False)
    return averaging(x, given["kernel_size"], given.get("stride"), padding, ceil)
