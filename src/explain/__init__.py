"""Heatmaps (batch, lead, time) of a network for ECGs; the only room that imports captum.

The names load on first use: captum alone takes half a second.
"""

from typing import TYPE_CHECKING

from ..extras import lazy

if TYPE_CHECKING:
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
    from .methods.from_captum import Captum
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

__getattr__, __dir__, __all__ = lazy(__name__)
