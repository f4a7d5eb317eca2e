"""Rules of the multiverse, and the curves that its universes are read from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from ecglens.eval import Curves, Finding

# Methods of which a second version has a choice of its own, by the choice.
VERSIONS = {
    "multiplied": ("deeplift", "integrated_gradients", "gradient_shap"),
    "smoothgrad": ("smoothgrad",),
}
STEPS = {("point", "noise"): "point", ("segment", "noise"): "bump", ("segment", "donor"): "donor"}
LAST = 25  # the last cut-off: shorter curves have no areas up to it


@cache
def rules() -> Mapping[str, Any]:
    """Choices and conclusions of multiverse.yaml."""
    path = files("ecglens_reproductions") / "multiverse.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, eq=False)
class Source:
    """Curves of one target, input and kind of step: of the published methods, and of the others.

    A tuple has the networks in the order of their seeds.
    """

    published: tuple[Curves, ...]
    otherwise: tuple[Curves, ...] | None

    @property
    def all(self) -> tuple[Curves, ...]:
        """Curves of both versions."""
        return (*self.published, *(self.otherwise or ()))

    @property
    def networks(self) -> int:
        """Number of networks that both versions have."""
        return min(len(self.published), len(self.otherwise or self.published))

    def curves(self, method: str, version: int) -> tuple[Curves, ...]:
        """Curves with this version of a method: 0 the published, 1 the other."""
        return self.otherwise if version and self.otherwise and _varies(method) else self.published

    def has(self, method: str) -> bool:
        """True where all curves of the method are there, in both versions where it has two."""
        needed = self.all if _varies(method) else self.published
        return all(method in one.predictions for one in needed)


# Input, then kind of step.
Sources = Mapping[str, Mapping[str, Source]]


def sources(findings: Sequence[Finding]) -> dict[str, Sources]:
    """Places of the curves of each target; only kinds of step that every input has.

    Raises ValueError for no curves of the published methods, and for curves of one target and input
    on different ECGs or networks, whose differences would be taken for those of a choice.
    """
    places: dict[str, dict[str, dict[str, dict[bool, Finding]]]] = {}
    for finding in findings:
        if not finding.curves:
            continue
        protocol, about = finding.curves[0].protocol, finding.about
        step = STEPS.get((protocol.unit, protocol.fill))
        if step is not None and protocol.order == "morf" and protocol.steps >= LAST:
            by_step = places.setdefault(about.target.name, {}).setdefault(about.input, {})
            by_step.setdefault(step, {}).setdefault(_otherwise(finding), finding)
    for target, inputs in places.items():
        for given, steps in inputs.items():
            _check_alike(
                f"{target}, {given}", [one for both in steps.values() for one in both.values()]
            )
    every = {target: _complete(inputs) for target, inputs in places.items()}
    if not any(every.values()):
        raise ValueError("expected rankings by the methods of Storås 2025, got none")
    return {target: inputs for target, inputs in every.items() if inputs}


def _check_alike(what: str, findings: Sequence[Finding]) -> None:
    """Raise ValueError unless the findings are on one set of ECGs and networks; some may have more.

    The networks that all have come first in each.
    """
    first = findings[0].about
    for about in (each.about for each in findings[1:]):
        both = zip(first.networks, about.networks, strict=False)
        if first.records != about.records or any(one != other for one, other in both):
            raise ValueError(
                f"expected rankings of {what} on the same ECGs and networks, got "
                f"{len(first.records)} ECGs by {first.evaluation} and {len(about.records)} others "
                f"by {about.evaluation}; run the command again, until all of its jobs have finished"
            )


def _complete(inputs: Mapping[str, Mapping[str, Mapping[bool, Finding]]]) -> Sources:
    """Steps and second versions that all inputs have in common."""
    known = {
        given: {step: both for step, both in steps.items() if False in both}
        for given, steps in inputs.items()
    }
    known = {given: steps for given, steps in known.items() if steps}
    common = [s for s in STEPS.values() if known and all(s in steps for steps in known.values())]
    second = all(True in steps[step] for steps in known.values() for step in common)
    return {
        given: {
            step: Source(steps[step][False].curves, steps[step][True].curves if second else None)
            for step in common
        }
        for given, steps in known.items()
        if common
    }


def _varies(method: str) -> bool:
    return any(method in methods for methods in VERSIONS.values())


def _otherwise(finding: Finding) -> bool:
    """True where the methods have settings that differ from the published code's."""
    settings = finding.facts.get("settings", {}).get("method", {})
    return bool(settings.get("deeplift", {}).get("multiply_by_inputs", False))
