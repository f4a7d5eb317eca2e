"""Guided Grad-CAM (Selvaraju 2017)."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from .context import Context
from .gradcam import cam_over_time
from .relu_rule import GuidedReLU, rectified_gradient


@dataclass(frozen=True)
class GuidedGradCam:
    """Guided Backprop times the Grad-CAM of one convolution (see GradCam for the settings).

    With `relu_cam`, as published, every place whose activation lowers the output is exactly 0: on a
    regression network that can be the whole map. Without `corrected` the Grad-CAM lies early where
    kernels are even: up to 16 samples in the network of Storås 2025. Raises ValueError as GradCam
    does, and when Guided Backprop is not defined.
    """

    layer: str | None = None
    relu_cam: bool = True
    corrected: bool = True

    version: ClassVar[int] = 3

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        cam = cam_over_time(net, x, target, self.layer, self.relu_cam, self.corrected)
        return cam * rectified_gradient(net, x, target, GuidedReLU)
