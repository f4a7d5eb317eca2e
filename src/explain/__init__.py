"""Network + batch → heatmap (batch, lead, time); the only room that imports captum."""

from .attribute import attribute
from .context import Context
from .controls import AbsDx, AbsX, Random
from .deconvolution import Deconvolution
from .deeplift import DeepLift
from .deeplift_shap import DeepLiftShap
from .expected_gradients import ExpectedGradients
from .feature_ablation import FeatureAblation
from .gradcam import GradCam
from .gradient_shap import GradientShap
from .guided_backprop import GuidedBackprop
from .guided_gradcam import GuidedGradCam
from .input_x_gradient import InputXGradient
from .integrated_gradients import IntegratedGradients
from .kernel_shap import KernelShap
from .lime import Lime
from .linter import Findings, lint
from .lrp_composite import LrpComposite
from .lrp_epsilon import LrpEpsilon
from .method import Method
from .occlusion import Occlusion
from .registry import controls, find, find_all, methods, with_controls
from .saliency import Saliency
from .shapley_sampling import ShapleySampling
from .smoothgrad import SmoothGrad
from .smoothgrad_squared import SmoothGradSquared
from .vargrad import VarGrad

__all__ = [
    "AbsDx",
    "AbsX",
    "Context",
    "Deconvolution",
    "DeepLift",
    "DeepLiftShap",
    "ExpectedGradients",
    "FeatureAblation",
    "Findings",
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
    "Method",
    "Occlusion",
    "Random",
    "Saliency",
    "ShapleySampling",
    "SmoothGrad",
    "SmoothGradSquared",
    "VarGrad",
    "attribute",
    "controls",
    "find",
    "find_all",
    "lint",
    "methods",
    "with_controls",
]
