"""Grad-CAM: places of a feature map that raise the output (Selvaraju 2017), alone or guided."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from ..method import Facts, Method
from ..passes import Ecgs
from ..rules.features import (
    along_record,
    convolution,
    feature_shift,
    grad_cam,
    own_input,
    stretched,
)
from ..rules.relu import rectified_gradient


@dataclass(frozen=True)
class GradCam(Method):
    """Sum of one convolution's channels, each weighted by the mean of its gradient over time.

    One curve over time (equations 1 and 2), stretched linearly to the input, and the same on every
    lead: it tells when, not where. `layer` is the convolution's name in the network; None takes the
    last one: that with the most convolutions before it, so that neither the order in which layers
    are made nor a convolution on a skip decides. `relu_cam`, as published, sets places that lower
    the output to 0; without it the map keeps its sign, because a measurement falls as it rises.
    `corrected` moves the curve by the feature shift (explain.rules.features), where that can
    be measured. Raises ValueError when there is no such convolution, when it keeps no time axis,
    sees the leads one by one or lies beside the way to the output.
    """

    cites = ("selvaraju2017",)
    layer: str | None = None
    relu_cam: bool = False
    corrected: bool = True
    version: ClassVar[int] = 2
    declared = Facts(of_layer=True, gradients=2)

    def remark(self, net, x):
        return _uncorrected(self, net, x)

    def heatmap(self, net, x, target, context):
        return _curve(self, net, x, target).expand_as(x)


@dataclass(frozen=True)
class GuidedGradCam(Method):
    """Guided Backprop times the Grad-CAM of one convolution (see GradCam for the settings).

    With `relu_cam`, as published, every place whose activation lowers the output is exactly 0: on a
    regression network that can be the whole map. Without `corrected` the Grad-CAM lies early where
    kernels are even: up to 16 samples in the network of Storås 2025. Raises ValueError as GradCam
    does, and when Guided Backprop is not defined.
    """

    cites = ("selvaraju2017", "springenberg2015")
    layer: str | None = None
    relu_cam: bool = True
    corrected: bool = True
    version: ClassVar[int] = 3
    declared = Facts(of_layer=True, gradients=2)

    def remark(self, net, x):
        return _uncorrected(self, net, x)

    def heatmap(self, net, x, target, context):
        return _curve(self, net, x, target) * rectified_gradient(net, x, target, guided=True)


def _curve(
    settings: GradCam | GuidedGradCam, net: nn.Module, x: Ecgs, target: int
) -> Float[Tensor, "batch 1 time"]:
    """Grad-CAM at every sample of the ECG, where it is if the shift cannot be measured."""
    layer = convolution(net, x, settings.layer)
    cam = grad_cam(net, x, target, layer)
    if cam.shape[-1] < 2:
        raise ValueError(
            f"expected a convolution that keeps the time axis, got {cam.shape[-1]} sample; "
            "name an earlier one as layer"
        )
    cam = cam.relu() if settings.relu_cam else cam
    core, own = own_input(net, x)
    shift = feature_shift(core, own, layer) if settings.corrected else 0.0
    return along_record(net, stretched(cam, own.shape[-1], shift or 0.0), x.shape[-1])


def _uncorrected(settings: GradCam | GuidedGradCam, net: nn.Module, x: Ecgs) -> str | None:
    """Words on a shift that was to be corrected and cannot be measured, None otherwise."""
    layer = convolution(net, x, settings.layer)
    if not settings.corrected or feature_shift(*own_input(net, x), layer) is not None:
        return None
    return (
        "is not corrected for the feature shift, which cannot be measured on this network; with "
        "even kernels or strides its curve may lie early or late"
    )
