"""Guided Grad-CAM (Selvaraju 2017)."""

from dataclasses import dataclass
from typing import ClassVar, cast

import captum.attr
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from .context import Context
from .relu_rule import GuidedReLU, rectified_gradient


@dataclass(frozen=True)
class GuidedGradCam:
    """Guided Backprop times the Grad-CAM of one convolution, stretched linearly to the input.

    `layer` is the convolution's name in the network; None takes the last one. With `relu_cam`,
    as published, every place whose activation lowers the output is exactly 0: on a regression
    network that can be the whole map. A convolution with an even kernel and "same" padding puts
    what it sees half a sample early, so that the Grad-CAM of a deep one is early by half a sample
    per such layer, times the pooling before it: up to 16 samples in the network of Storås 2025.
    Raises ValueError when there is no such convolution, when it keeps no time axis, or when Guided
    Backprop is not defined.
    """

    layer: str | None = None
    relu_cam: bool = True

    version: ClassVar[int] = 1

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        cam = grad_cam(net, x, target, self.layer)
        if cam.shape[-1] < 2:
            raise ValueError(
                f"expected a convolution that keeps the time axis, got {cam.shape[-1]} sample; "
                "name an earlier one as layer"
            )
        cam = cam.relu() if self.relu_cam else cam
        stretched = functional.interpolate(cam, x.shape[-1], mode="linear")
        return stretched * rectified_gradient(net, x, target, GuidedReLU)


def grad_cam(
    net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, layer: str | None
) -> Float[Tensor, "batch 1 short"]:
    """A convolution's channels summed, each weighted by its gradient's mean over time; signed."""
    explainer = captum.attr.LayerGradCam(net, _convolution(net, layer))
    given = x.detach().clone().requires_grad_()
    try:
        return cast(Tensor, explainer.attribute(given, target)).detach()
    except RuntimeError as problem:
        if "not have been used in the graph" not in str(problem):
            raise
        raise ValueError(
            f"expected a convolution on the way to output {target}, got one beside it; "
            "name another as layer"
        ) from None


def _convolution(net: nn.Module, name: str | None) -> nn.Conv1d:
    found = {key: module for key, module in net.named_modules() if isinstance(module, nn.Conv1d)}
    if not found:
        raise ValueError("expected a network with an nn.Conv1d layer, got one without")
    name = name if name is not None else list(found)[-1]
    if name not in found:
        raise ValueError(f"expected the name of a convolution ({', '.join(found)}), got {name!r}")
    return found[name]
