"""Grad-CAM: which places of the last feature map hold the output up (Selvaraju 2017)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import captum.attr
import torch
from jaxtyping import Float
from torch import Tensor, nn

from .context import Context
from .even_kernels import shift
from .gradient import nodes_behind

# What torch says of a layer that the output does not depend on, and captum of one that never ran.
BESIDE = ("not have been used in the graph", "did not obtain any outputs")


@dataclass(frozen=True)
class GradCam:
    """The channels of one convolution, each weighted by its gradient's mean over time, summed.

    One curve over time (equations 1 and 2), stretched linearly to the input, and the same on every
    lead: it says when, not where. `layer` is the convolution's name in the network; None takes the
    last one: that with the most convolutions before it, so that neither the order in which layers
    are made nor a convolution on a skip decides. `relu_cam`, as published, sets what lowers the
    output to 0; without it the map keeps its sign, because a measurement falls as it rises.
    `corrected` moves the curve to where its features look (explain.even_kernels). Raises ValueError
    when there is no such convolution, when it keeps no time axis, sees the leads one by one or lies
    beside the way to the output.
    """

    layer: str | None = None
    relu_cam: bool = False
    corrected: bool = True

    version: ClassVar[int] = 2
    grain: ClassVar[str] = "moment"

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        cam = cam_over_time(net, x, target, self.layer, self.relu_cam, self.corrected)
        return cam.expand_as(x)


def cam_over_time(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    layer: str | None,
    relu: bool,
    corrected: bool,
) -> Float[Tensor, "batch 1 time"]:
    """The Grad-CAM at every sample of the ECG."""
    convolution = _convolution(net, x, layer)
    cam = grad_cam(net, x, target, convolution)
    if cam.shape[-1] < 2:
        raise ValueError(
            f"expected a convolution that keeps the time axis, got {cam.shape[-1]} sample; "
            "name an earlier one as layer"
        )
    cam = cam.relu() if relu else cam
    return stretched(cam, x.shape[-1], shift(net, x, convolution) if corrected else 0.0)


def grad_cam(
    net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, convolution: nn.Conv1d
) -> Float[Tensor, "batch 1 short"]:
    """A convolution's channels summed, each weighted by its gradient's mean over time; signed."""
    explainer = captum.attr.LayerGradCam(net, convolution)
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
    if len(cam) != len(x) or cam.ndim != 3:
        raise ValueError(
            "expected a convolution that gives (batch, channel, time), got one that sees the leads "
            f"one by one or no batch: {len(cam)} rows for {len(x)} ECGs"
        )
    return cam


def stretched(
    cam: Float[Tensor, "batch 1 short"], time: int, shift: float
) -> Float[Tensor, "batch 1 {time}"]:
    """Linearly between the features, each in the middle of its share of the ECG, `shift` later."""
    last = cam.shape[-1] - 1
    middles = torch.arange(time, device=cam.device, dtype=cam.dtype) + 0.5 - shift
    # Before the first and after the last, these are held.
    places = (middles * cam.shape[-1] / time - 0.5).clamp(0, last)
    before = places.long().clamp(max=max(0, last - 1))
    share = places - before
    return cam[..., before] * (1 - share) + cam[..., before + 1] * share


def _convolution(
    net: nn.Module, x: Float[Tensor, "batch lead time"], name: str | None
) -> nn.Conv1d:
    found = {key: module for key, module in net.named_modules() if isinstance(module, nn.Conv1d)}
    if not found:
        raise ValueError("expected a network with an nn.Conv1d layer, got one without")
    if name is None:
        return _last(net, x, list(found.values()))
    if name not in found:
        raise ValueError(f"expected the name of a convolution ({', '.join(found)}), got {name!r}")
    return found[name]


def _last(
    net: nn.Module, x: Float[Tensor, "batch lead time"], found: Sequence[nn.Conv1d]
) -> nn.Conv1d:
    """The convolution with the most others behind it; a gate, without a time axis, is none."""
    nodes: dict[nn.Conv1d, Any] = {}

    def ran(convolution: nn.Conv1d, _: Any, features: Tensor) -> None:
        if features.shape[-1] > 1:
            nodes.pop(convolution, None)
            nodes[convolution] = features.grad_fn

    hooks = [convolution.register_forward_hook(ran) for convolution in found]
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
    return max(reversed(nodes), key=lambda one: len(others & nodes_behind(nodes[one])))
