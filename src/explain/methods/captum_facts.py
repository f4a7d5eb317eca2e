"""Facts about a class of captum, read off the class and its settings."""

from collections.abc import Mapping
from inspect import Parameter
from math import ceil, prod
from typing import Any, Literal

import captum.attr

from ...ecg import FS_HZ, LEADS
from ..background import SIZE
from ..method import Facts, Sum, Unit
from ..rules.captum_class import CaptumClass
from ..segments import OF_A_BEAT

BEAT = (len(LEADS), 600)  # leads and samples of a median beat, for which prices are given


def captum_facts(
    kind: CaptumClass,
    settings: Mapping[str, Any],
    baseline: Literal["zero", "line", "mean of others", "others"],
    features: Literal["segments", "points"],
) -> Facts:
    """Facts of a class whose attribute() gets these settings."""
    segments = "feature_mask" in kind.attribute and features == "segments"
    samples = _value(kind, settings, "nt_samples")
    multiplied = kind.perturbs or kind.multiplies
    passes = samples * _passes(kind, settings, OF_A_BEAT if segments else prod(BEAT))
    if baseline == "others" and issubclass(kind.core, captum.attr.DeepLiftShap):
        passes *= SIZE
    return Facts(
        unit=_unit(kind, settings, multiplied),
        baseline=baseline if "baselines" in kind.attribute else "zero" if multiplied else "none",
        sums=_sums(kind, multiplied),
        grain=_grain(kind, settings, segments),
        uses_segments=segments or baseline == "line",
        needs_background=baseline in ("others", "mean of others"),
        any_network=kind.any_network,
        gradients=0 if kind.perturbs else passes,
        predictions=passes if kind.perturbs else 0,
    )


def _unit(kind: CaptumClass, settings: Mapping[str, Any], multiplied: bool) -> Unit:
    gathered = settings.get("nt_type", "smoothgrad") != "smoothgrad"
    if kind.of_layer or issubclass(kind.core, captum.attr.GuidedGradCam):
        return "none"
    if gathered:
        return "none" if multiplied else "(target/µV)²"
    return "target" if multiplied else "target/µV"


def _sums(kind: CaptumClass, multiplied: bool) -> Sum:
    """Only of classes that do not check it themselves and gather nothing over noise."""
    if kind.inner is not None or not multiplied:
        return "none"
    if issubclass(kind.core, captum.attr.IntegratedGradients):
        return "exact"
    return "mean" if issubclass(kind.core, captum.attr.GradientShap) else "none"


def _grain(kind: CaptumClass, settings: Mapping[str, Any], segments: bool) -> str:
    if kind.of_layer:
        return "moment"
    if segments:
        return "wave"
    if issubclass(kind.core, captum.attr.Occlusion):
        stride = _stride(settings)[-1]
        return "point" if stride == 1 else f"{stride * 1e3 / FS_HZ:g} ms"
    return "point"


def _passes(kind: CaptumClass, settings: Mapping[str, Any], features: int) -> int:
    """Passes per median beat of the class itself."""
    samples = _value(kind, settings, "n_samples")
    if not kind.perturbs:
        return samples * _value(kind, settings, "n_steps")
    if issubclass(kind.core, captum.attr.Lime):
        return samples
    if issubclass(kind.core, captum.attr.Occlusion):
        window = settings["sliding_window_shapes"]
        along = zip(BEAT, window, _stride(settings), strict=True)
        return 1 + prod(1 + ceil((size - wide) / stride) for size, wide, stride in along)
    return samples * features + 1


def _stride(settings: Mapping[str, Any]) -> tuple[int, ...]:
    """Steps of an occluding window along leads and time."""
    given = settings.get("strides", 1)
    return (given, given) if isinstance(given, int) else tuple(given)


def _value(kind: CaptumClass, settings: Mapping[str, Any], name: str) -> int:
    """A number of samples or steps, 1 for a class without it."""
    if name not in kind.attribute:
        return 1
    default = kind.attribute[name].default
    return int(settings.get(name, 1 if default is Parameter.empty else default))
