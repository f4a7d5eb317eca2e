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
from .methods import (
    AbsDx,
    AbsX,
    Deconvolution,
    DeepLift,
    DeepLiftShap,
    ExpectedGradients,
    FeatureAblation,
    GivenMaps,
    GradCam,
    GradientShap,
    GuidedBackprop,
    GuidedGradCam,
    InputXGradient,
    IntegratedGradients,
    KernelShap,
    Lime,
    LrpComposite,
    LrpEpsilon,
    Occlusion,
    Random,
    Saliency,
    ShapleySampling,
    SmoothGrad,
    SmoothGradSquared,
    VarGrad,
)
from .named import captum_settings, controls, find, find_all, methods, with_controls
from .passes import input_gradient, prediction
from .segments import Game, map_of_segments, segmented, wave_segments

if TYPE_CHECKING:
    from .methods import Captum

__getattr__, _, _ = lazy(__name__, {"methods": "Captum"})

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
