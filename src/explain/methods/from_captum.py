"""Any attribution class of captum as a method."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import captum.attr
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...engine import ran_out
from ...store import check_types
from ..method import Context, Facts, Method, aligned_background
from ..passes import predictions, rows, seeded, untouched
from ..rules.features import along_record, own_input, stretched
from ..rules.relu import rectified_gradient
from ..rules.rescale import INCOMPLETE, check_sum
from ..segments import segmented, wave_segments
from .captum_class import CaptumClass, captum_facts

# ECGs, or copies of one, that go through the network at once: they bound the memory.
SIZES = ("internal_batch_size", "perturbations_per_eval", "nt_samples_batch_size")
# Share of the largest value by which captum's guided gradient may differ from that by the rule.
TOLERANCE = 1e-3
# Errors of captum about a network or settings that it does not take.
REFUSALS = (AssertionError, AttributeError, ImportError, IndexError, RuntimeError, TypeError)


@dataclass(frozen=True)
class Captum(Method):
    """Map of a class of captum, made for one ECG at a time.

    `init` and `attribute` are the arguments of its constructor and of its attribute(), beside the
    network, the inputs and the target; a `layer` in `init` is the name of a module. Where
    attribute() takes baselines, `baseline` chooses them: "zero" (0 µV), "line" (straight lines in
    place of the segments), "mean of others" or "others" (the background). Where it takes a
    feature_mask, `features` are the "segments" of each lead, or "points". The map of a layer is the
    sum over its channels, stretched linearly over time and the same in every lead.

    Raises ValueError for a class that does not explain an output for one ECG, for settings that it
    does not take, on a network that captum refuses, and where captum's hooks miss operations of the
    network: where DeepLIFT's contributions do not add up, or a guided gradient is not that of the
    rule.
    """

    method: str
    init: Mapping[str, Any] = field(default_factory=dict, hash=False)
    attribute: Mapping[str, Any] = field(default_factory=dict, hash=False)
    baseline: Literal["zero", "line", "mean of others", "others"] = "zero"
    features: Literal["segments", "points"] = "segments"

    def __post_init__(self) -> None:
        chosen = {"baseline": self.baseline, "features": self.features}
        check_types(Captum, chosen, "Captum")
        for name in ("init", "attribute"):
            object.__setattr__(self, name, _plain(getattr(self, name)))
        self._kind.check_attribute(self.attribute)
        for name, argument in (("baseline", "baselines"), ("features", "feature_mask")):
            default, chosen = type(self).__dataclass_fields__[name].default, getattr(self, name)
            if chosen != default and argument not in self._kind.attribute:
                raise ValueError(
                    f"expected no {name} for {self.method}, which takes no {argument}, got {chosen}"
                )

    def __str__(self) -> str:
        return self.method

    @property
    def facts(self) -> Facts:
        return captum_facts(self._kind, self.attribute, self.baseline, self.features)

    @property
    def _kind(self) -> CaptumClass:
        return CaptumClass(self.method, self.init)

    def promised(self, net, x, target, context):
        """Change of the output from the mean output for the baselines."""
        each = zip(x.split(1), context.split(1), strict=True)
        baselines = [self._arguments(one, own)["baselines"] for one, own in each]
        means = torch.stack([predictions(net, each, target).mean() for each in baselines])
        return predictions(net, x, target) - means

    def heatmap(self, net, x, target, context):
        each = zip(x.split(1), context.split(1), strict=True)
        return torch.cat([self._map_of_one(net, one, target, own) for one, own in each])

    def _map_of_one(
        self, net: nn.Module, x: Float[Tensor, "1 lead time"], target: int, context: Context
    ) -> Float[Tensor, "1 lead time"]:
        kind, (own,) = self._kind, context.generators
        given = self._arguments(x, context)
        with _running(kind.path, net):
            _check_hooks(kind, net, x, target, given.get("baselines"))
            inputs = x.detach().clone().requires_grad_()
            with seeded(own, x.device):
                raw = kind.explainer(net).attribute(inputs, target=target, **given)
        windows = len(own_input(net, x)[1]) if kind.of_layer else 1
        if not isinstance(raw, Tensor) or len(raw) != windows:
            got = tuple(raw.shape) if isinstance(raw, Tensor) else type(raw).__name__
            raise ValueError(
                f"expected one map from {self.method}, got {got}; leave out what makes it return "
                "something else"
            )
        raw = raw.detach().to(x)
        return _over_time(raw, net, x, self.method) if kind.of_layer else raw

    def _arguments(self, x: Float[Tensor, "1 lead time"], context: Context) -> dict[str, Any]:
        """Arguments of attribute() for this ECG."""
        taken = self._kind.attribute
        arguments: dict[str, Any] = {name: rows(x) for name in SIZES if name in taken}
        arguments |= self.attribute
        number = wave_segments(context.segments[0])
        if "baselines" in taken:
            if self.baseline == "zero":
                arguments["baselines"] = torch.zeros_like(x)
            elif self.baseline == "line":
                arguments["baselines"] = segmented(x[0], number, "line").hidden[None]
            else:
                others = aligned_background(x, context)
                mean = self.baseline == "mean of others"
                arguments["baselines"] = others.mean(0, keepdim=True) if mean else others
        if "feature_mask" in taken and self.features == "segments":
            lead = torch.arange(x.shape[1], device=x.device)[:, None]
            arguments["feature_mask"] = (lead * (number.max() + 1) + number)[None]
        return arguments


@contextmanager
def _running(path: str, net: nn.Module) -> Iterator[None]:
    """Inside, captum may hook the network; its errors are told as refusals, its warnings not."""
    with untouched(net), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except REFUSALS as problem:
            if ran_out(problem):
                raise
            reason = " ".join(str(problem).split()) or type(problem).__name__
            raise ValueError(
                f"expected a network and settings that {path} takes; captum says: {reason}"
            ) from problem


def _check_hooks(
    kind: CaptumClass,
    net: nn.Module,
    x: Float[Tensor, "1 lead time"],
    target: int,
    baselines: Float[Tensor, "other lead time"] | None,
) -> None:
    """Raise ValueError where captum's hooks on modules miss operations of this network."""
    core = kind.core
    if issubclass(core, captum.attr.DeepLift):
        base = torch.zeros_like(x) if baselines is None else baselines[:1]
        found = captum.attr.DeepLift(net).attribute(x.clone(), base, target=target)
        outputs = predictions(net, torch.cat([x, base]), target)
        check_sum(found.detach(), outputs[:1], outputs[1:], f"{kind.path}: {INCOMPLETE}")
    guided = issubclass(core, captum.attr.GuidedBackprop | captum.attr.GuidedGradCam)
    if guided or issubclass(core, captum.attr.Deconvolution):
        theirs = captum.attr.GuidedBackprop if guided else captum.attr.Deconvolution
        expected = rectified_gradient(net, x, target, guided=guided)
        found = theirs(net).attribute(x.clone().requires_grad_(), target=target)
        if (found - expected).abs().max() > TOLERANCE * expected.abs().max():
            raise ValueError(
                f"expected the gradient by the rule of {kind.path}, got another; captum misses "
                "ReLUs that are no modules, and changes a skip connection around a ReLU: take "
                f"{'guided_backprop' if guided else 'deconvolution'}"
            )


def _over_time(
    features: Float[Tensor, "row ..."], net: nn.Module, x: Float[Tensor, "1 lead time"], path: str
) -> Float[Tensor, "1 lead time"]:
    """Sum over a layer's channels, stretched to the ECG and the same in every lead."""
    if features.ndim != 3 or features.shape[-1] < 2:
        raise ValueError(
            f"expected for {path} a layer that gives (batch, channel, time), got "
            f"{tuple(features.shape)}; name one that keeps the time axis"
        )
    own = own_input(net, x)[1].shape[-1]
    curve = stretched(features.sum(1, keepdim=True), own, 0.0)
    return along_record(net, curve, x.shape[-1]).expand_as(x)


def _plain(value: Any) -> Any:
    """A configuration's mappings as dicts, its lists as tuples, which captum expects."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_plain(one) for one in value)
    return value
