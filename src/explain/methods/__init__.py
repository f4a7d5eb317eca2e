"""Attribution methods, a family in each file."""

from .cam import GradCam, GuidedGradCam
from .controls import AbsDx, AbsX, Random
from .deeplift import DeepLift, DeepLiftShap
from .from_captum import Captum
from .given import GivenMaps
from .gradient import ExpectedGradients, InputXGradient, IntegratedGradients, Saliency
from .guided import Deconvolution, GuidedBackprop
from .lime import Lime
from .lrp import LrpComposite, LrpEpsilon
from .noise import GradientShap, SmoothGrad, SmoothGradSquared, VarGrad
from .occlusion import FeatureAblation, Occlusion
from .shapley import KernelShap, ShapleySampling

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
