"""Classes of captum: the one that a path names, its settings, and the facts of its maps."""

from collections.abc import Mapping
from importlib import import_module
from inspect import Parameter, signature
from math import ceil, prod
from typing import Any, Literal

import captum.attr
from captum.attr import Attribution, LayerAttribution, NoiseTunnel, PerturbationAttribution
from torch import nn

from ...ecg import BEAT_LENGTH, LEADS
from ..method import BACKGROUND_SIZE, Facts, Sum, Unit
from ..segments import OF_A_BEAT

# Arguments of attribute() that this room gives itself.
GIVEN = ("inputs", "target", "additional_forward_args", "baselines", "feature_mask")
# Classes that take any network: they use its outputs and gradients, and no hooks on modules.
ANY_NETWORK = (
    captum.attr.Saliency,
    captum.attr.InputXGradient,
    captum.attr.IntegratedGradients,
    captum.attr.GradientShap,
)


class CaptumClass:
    """An attribution class of captum with the settings of its constructor.

    Raises ValueError for a path that names no class of captum, for one whose maps could not explain
    an output for one ECG, and for settings that its constructor does not take.
    """

    def __init__(self, path: str, init: Mapping[str, Any]):
        """`init` has the constructor's arguments beside the network."""
        self.path, self.kind, self._given = path, _class_at(path), init
        self.inner: CaptumClass | None = None
        if issubclass(self.kind, NoiseTunnel):
            self.inner = CaptumClass(*_inner(init.get("attribution_method")))
        _refuse(path, self.kind)
        _check(f"init of {path}", self.init, init)

    @property
    def core(self) -> type[Attribution]:
        """The class itself, or for NoiseTunnel the class inside."""
        return self.kind if self.inner is None else self.inner.core

    @property
    def of_layer(self) -> bool:
        """True if it explains by the features of one layer."""
        return issubclass(self.core, LayerAttribution)

    @property
    def perturbs(self) -> bool:
        """True if it changes the ECG and observes the output."""
        return issubclass(self.core, PerturbationAttribution) and not self.of_layer

    @property
    def any_network(self) -> bool:
        """True if it needs no more of a network than its outputs and gradients."""
        return self.perturbs or self.core in ANY_NETWORK

    @property
    def init(self) -> dict[str, Parameter]:
        """Parameters of the constructor, beside the network."""
        found = _parameters(self.kind.__init__)
        return found if self.inner else dict(list(found.items())[1:])

    @property
    def attribute(self) -> dict[str, Parameter]:
        """Parameters of the class's attribute function, with those of the class inside."""
        own = _parameters(self.kind.attribute)
        return own if self.inner is None else {**own, **self.inner.attribute}

    @property
    def multiplies(self) -> bool:
        """True if the map is multiplied by the input."""
        if self.inner is not None:
            return self.inner.multiplies
        default = issubclass(self.kind, captum.attr.InputXGradient | captum.attr.LRP)
        parameter = self.init.get("multiply_by_inputs")
        return default if parameter is None else self._given.get(parameter.name, parameter.default)

    def check_attribute(self, settings: Mapping[str, Any]) -> None:
        """Raise ValueError for arguments of attribute() that are unknown, missing or not free."""
        _check(f"attribute of {self.path}", self.attribute, settings)

    def explainer(self, net: nn.Module) -> Any:
        """The object of captum for this network."""
        if self.inner is not None:
            return self.kind(self.inner.explainer(net))
        given = dict(self._given)
        if "layer" in given:
            modules = dict(net.named_modules())
            if given["layer"] not in modules:
                known = ", ".join(name for name in modules if name)
                raise ValueError(
                    f"expected for {self.path} a layer's name ({known}), got {given['layer']!r}"
                )
            given["layer"] = modules[given["layer"]]
        return self.kind(net, **given)


def settings_of(path: str, rest: dict[str, Any]) -> dict[str, Any]:
    """Settings of `Captum` for a class of captum with these settings (see `captum_settings`)."""
    own = {name: rest.pop(name) for name in ("baseline", "features") if name in rest}
    names = _parameters(_class_at(path).__init__)
    init = {name: rest.pop(name) for name in tuple(rest) if name in names}
    target = "ecglens.explain.Captum"
    return {"_target_": target, "method": path, "init": init, "attribute": rest, **own}


def _check(where: str, known: Mapping[str, Parameter], found: Mapping[str, Any]) -> None:
    own = [name for name in known if name not in GIVEN]
    for name in found:
        if name not in own:
            raise ValueError(f"expected in {where} {', '.join(own) or 'nothing'}, got {name!r}")
    for name in own:
        if name not in found and known[name].default is Parameter.empty:
            raise ValueError(f"expected {name} in {where}, got none")


def _refuse(path: str, kind: type[Attribution]) -> None:
    reason = ""
    names = _parameters(kind.attribute) if hasattr(kind, "attribute") else {}
    if not names:
        reason = "it is the base of others"
    elif "inputs" not in names:
        reason = "it reads no ECGs"
    elif "target" not in names and not issubclass(kind, NoiseTunnel):
        reason = "it explains no output of the network"
    elif issubclass(kind, captum.attr.FeaturePermutation):
        reason = "it exchanges samples between the ECGs of a batch"
    if reason:
        raise ValueError(
            f"expected a class of captum that explains an output for one ECG, got {path}: {reason}"
        )


def _class_at(path: str) -> type[Attribution]:
    module, _, name = path.rpartition(".")
    # Nothing else is imported: the path may come from a file of somebody else.
    try:
        found = getattr(import_module(module), name) if module.startswith("captum.") else None
    except (ImportError, AttributeError):
        found = None
    if not (isinstance(found, type) and issubclass(found, Attribution)):
        raise ValueError(
            "expected the path of an attribution class of captum, such as "
            f"captum.attr.IntegratedGradients, got {path!r}"
        )
    return found


def _inner(given: Any) -> tuple[str, Mapping[str, Any]]:
    """Path and constructor's settings of the class inside a NoiseTunnel."""
    if isinstance(given, str):
        return given, {}
    if isinstance(given, Mapping) and isinstance(given.get("method"), str):
        return given["method"], given.get("init", {})
    raise ValueError(
        "expected for NoiseTunnel in init an attribution_method: the path of another class, or its "
        f"method and init, got {given!r}"
    )


def _parameters(function: Any) -> dict[str, Parameter]:
    """Parameters by name, without self and those that stand for any others."""
    found = list(signature(function).parameters.values())[1:]
    return {one.name: one for one in found if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)}


BEAT = (len(LEADS), BEAT_LENGTH)  # leads and samples of a median beat, for which prices are given


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
        passes *= BACKGROUND_SIZE
    return Facts(
        unit=_unit(kind, settings, multiplied),
        baseline=baseline if "baselines" in kind.attribute else "zero" if multiplied else "none",
        sums=_sums(kind, multiplied),
        uses_segments=segments or baseline == "line",
        needs_background=baseline in ("others", "mean of others"),
        any_network=kind.any_network,
        of_layer=kind.of_layer or issubclass(kind.core, captum.attr.GuidedGradCam),
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
