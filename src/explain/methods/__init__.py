"""Attribution methods, a family in each file."""

from typing import TYPE_CHECKING

from ...extras import lazy
from .cam import GradCam, GuidedGradCam
from .controls import AbsDx, AbsX, Random
from .deeplift import DeepLift, DeepLiftShap
from .given import GivenMaps
from .gradient import ExpectedGradients, InputXGradient, IntegratedGradients, Saliency
from .guided import Deconvolution, GuidedBackprop
from .lime import Lime
from .lrp import LrpComposite, LrpEpsilon
from .noise import GradientShap, SmoothGrad, SmoothGradSquared, VarGrad
from .occlusion import FeatureAblation, Occlusion
from .shapley import KernelShap, ShapleySampling

if TYPE_CHECKING:
    from .from_captum import Captum

__getattr__, _, _ = lazy(__name__, {"from_captum": "Captum"})  # captum takes half a second

__all__ = [
    "AbsDx",
    "AbsX",
    "Captum",
    "Deconvolution",
    "DeepLift",
    "DeepLiftShap",
    "ExpectedGradients",
    "FeatureAblation",
    "GivenMaps",
    "GradCam",
    "GradientShap",
    "GuidedBackprop",
    "GuidedGradCam",
    "InputXGradient",
    "IntegratedGradients",
    "KernelShap",
    "Lime",
    "LrpComposite",
    "LrpEpsilon",
    "Occlusion",
    "Random",
    "Saliency",
    "ShapleySampling",
    "SmoothGrad",
    "SmoothGradSquared",
    "VarGrad",
]
