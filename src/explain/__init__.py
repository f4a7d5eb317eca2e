"""Heatmaps (batch, lead, time) of a network for ECGs; the only room that imports captum."""

from typing import TYPE_CHECKING

from ..extras import lazy
from .attribute import Inputs, attribute, check_network, check_weights, context_of, map_notes
from .checks import Findings, Remark, lint
from .method import (
    WAS_LEFT_OUT,
    Context,
    Facts,
    Form,
    LacksData,
    Method,
    is_method,
    left_out_notes,
)
from .methods.cam import GradCam, GuidedGradCam
from .methods.controls import AbsDx, AbsX, Random
from .methods.deeplift import DeepLift, DeepLiftShap
from .methods.given import GivenMaps
from .methods.gradient import ExpectedGradients, InputXGradient, IntegratedGradients, Saliency
from .methods.guided import Deconvolution, GuidedBackprop
from .methods.lime import Lime
from .methods.lrp import LrpComposite, LrpEpsilon
from .methods.noise import GradientShap, SmoothGrad, SmoothGradSquared, VarGrad
from .methods.occlusion import FeatureAblation, Occlusion
from .methods.shapley import KernelShap, ShapleySampling
from .named import captum_settings, controls, find, find_all, methods, with_controls
from .passes import input_gradient, prediction
from .segments import Game, map_of_segments, segmented, wave_segments

if TYPE_CHECKING:
    from .methods.from_captum import Captum

# captum takes half a second.
__getattr__, _, _ = lazy(__name__, {"methods.from_captum": "Captum"})

__all__ = [
    "WAS_LEFT_OUT",
    "AbsDx",
    "AbsX",
    "Captum",
    "Context",
    "Deconvolution",
    "DeepLift",
    "DeepLiftShap",
    "ExpectedGradients",
    "Facts",
    "FeatureAblation",
    "Findings",
    "Form",
    "Game",
    "GivenMaps",
    "GradCam",
    "GradientShap",
    "GuidedBackprop",
    "GuidedGradCam",
    "InputXGradient",
    "Inputs",
    "IntegratedGradients",
    "KernelShap",
    "LacksData",
    "Lime",
    "LrpComposite",
    "LrpEpsilon",
    "Method",
    "Occlusion",
    "Random",
    "Remark",
    "Saliency",
    "ShapleySampling",
    "SmoothGrad",
    "SmoothGradSquared",
    "VarGrad",
    "attribute",
    "captum_settings",
    "check_network",
    "check_weights",
    "context_of",
    "controls",
    "find",
    "find_all",
    "input_gradient",
    "is_method",
    "left_out_notes",
    "lint",
    "map_notes",
    "map_of_segments",
    "methods",
    "prediction",
    "segmented",
    "wave_segments",
    "with_controls",
]
