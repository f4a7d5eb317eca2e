"""Feature maps of a convolution: which one to take, its Grad-CAM, and its place on the ECG."""

from collections.abc import Sequence
from typing import Any, cast

import captum.attr
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...engine import prepared_in
from ..passes import nodes_behind

# Messages of torch for a layer that the output does not depend on, and of captum for one that never
# ran.
BESIDE = ("not have been used in the graph", "did not obtain any outputs")


def grad_cam(
    net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, layer: nn.Conv1d
) -> Float[Tensor, "row 1 short"]:
    """Signed sum of a convolution's channels, each weighted by its gradient's mean over time."""
    explainer = captum.attr.LayerGradCam(net, layer)
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


def own_input(
    net: nn.Module, x: Float[Tensor, "batch lead time"]
) -> tuple[nn.Module, Float[Tensor, "row own_lead own_time"]]:
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
    try:
        with torch.no_grad():
            net(x)
    finally:
        hook.remove()
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


def convolution(net: nn.Module, x: Float[Tensor, "batch lead time"], name: str | None) -> nn.Conv1d:
    """The convolution of this name, or the deepest one for None; raises ValueError if absent."""
    found = {key: module for key, module in net.named_modules() if isinstance(module, nn.Conv1d)}
    if not found:
        raise ValueError("expected a network with an nn.Conv1d layer, got one without")
    if name is None:
        return _deepest(net, x, list(found.values()))
    if name not in found:
        raise ValueError(f"expected the name of a convolution ({', '.join(found)}), got {name!r}")
    return found[name]


def _deepest(
    net: nn.Module, x: Float[Tensor, "batch lead time"], found: Sequence[nn.Conv1d]
) -> nn.Conv1d:
    """Convolution with the most others before it; a gate, without a time axis, does not count."""
    nodes: dict[nn.Conv1d, Any] = {}

    def ran(layer: nn.Conv1d, _: Any, features: Tensor) -> None:
        if features.shape[-1] > 1:
            nodes.pop(layer, None)
            nodes[layer] = features.grad_fn

    hooks = [layer.register_forward_hook(ran) for layer in found]
    try:
        net(x[:1].detach().clone().requires_grad_().clone())
    finally:
        for hook in hooks:
            hook.remove()
    if not nodes:
        raise ValueError(
            "expected a convolution that keeps the time axis, got 1 sample; name another as layer"
        )
    others = set(nodes.values())
    return max(reversed(nodes), key=lambda one: len(others & nodes_behind(nodes[one]).keys()))
