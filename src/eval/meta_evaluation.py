"""Validation of each metric on networks with a known answer, as it was measured and kept.

`python -m benchmarks.meta_evaluation --write` writes meta_evaluation.json; what measures it is the
package ecglens-benchmark (apps/benchmark).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from .. import registry
from ..former import moved
from ..store import Step, class_at
from .curves import AREA
from .evaluations.perturbation.orders import CURVES
from .measures import Measure
from .protocol import DEFAULT, POINTS, STORAS2025, Protocol

FILE = Path(__file__).with_suffix(".json")
# Networks, maps, thresholds, and the metrics that no other step computes.
OWN = Step("meta_evaluation", version=1)
# Steps whose numbers the metrics of a family are made of; a family ends at the name's first comma.
# Evaluations of installed packages declare theirs (Evaluation.store_steps).
READS: Mapping[str, tuple[Step, ...]] = {"perturbation AUC": (CURVES, AREA)}
# Rules of the perturbation scores that are validated, by the name of the metric.
PROTOCOLS: Mapping[str, Protocol] = {
    "perturbation AUC, default protocol": DEFAULT,
    "perturbation AUC, points": POINTS,
    "perturbation AUC, Storås 2025": STORAS2025,
    "perturbation AUC, segments": replace(POINTS, name="segments", unit="segment"),
    "perturbation AUC, least relevant segments first": replace(
        POINTS, name="lerf", order="lerf", unit="segment"
    ),
    **{
        f"perturbation AUC, segments filled: {fill}": replace(
            DEFAULT, name=fill, fill=fill, draws=1
        )
        for fill in ("zero", "mean", "linear")
    },
    **{
        f"perturbation AUC, noise of {share} %": replace(
            POINTS, name=f"noise_{share}", noise=share / 100
        )
        for share in (2, 5, 10)
    },
}
# |map| makes another measure of these; all others of localisation read |map| in any case.
SIGNED = ("pointing_game", "relevance_rank", "top_iou", "relevance_mass")
OF_SIZES = "each measure of |map|"  # note of a finding that took |map| for all measures
NO_ORDER = "no value of it is better, so it orders no maps"
OF_PEOPLE = "experts are asked what they prefer, and no network holds the truth of that"
ON_STRIPS = "the meta-evaluation was held on median beats"
OF_PROBABILITIES = "the networks of the meta-evaluation give no probabilities"
UNREACHED = "the meta-evaluation has not reached it"


@dataclass(frozen=True)
class Validation:
    """Networks on which a metric is fit and unfit; on the others it was not tried.

    `raised` are the attacks that raise it without information (docs/attacks.md). `measured` is a
    date (ISO 8601), `steps` the versions of the steps that it was measured with.
    """

    fit: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()
    measured: str = ""
    steps: Mapping[str, int] = field(default_factory=dict)
    raised: tuple[str, ...] = ()

    @property
    def tried(self) -> int:
        """Number of networks on which it was tried."""
        return len(self.fit) + len(self.unfit)

    def is_current(self, metric: str) -> bool:
        """True while the steps of this metric have the versions that it was measured with."""
        return self.steps == steps_of(metric)


def steps_of(metric: str) -> Mapping[str, int]:
    """Versions, now, of the steps whose numbers a metric is made of."""
    family = metric.partition(",")[0]
    read = READS[family] if family in READS else _declared(family)
    return {step.name: step.version for step in (OWN, *read)}


def _declared(evaluation: str) -> tuple[Step, ...]:
    """Steps that the evaluation of this name declares; none where it is not installed."""
    if evaluation not in registry.names("evaluation"):
        return ()
    own = registry.settings("evaluation", evaluation).get(evaluation, {})
    return class_at(own["_target_"], evaluation).store_steps if "_target_" in own else ()


def validations(path: Path = FILE) -> Mapping[str, Validation]:
    """Validation of each metric that was tried, by its name in `benchmarks.meta_evaluation`."""
    plain = json.loads(path.read_text(encoding="utf-8"))
    found = {}
    for name, one in plain.items():
        fit, unfit, raised = (tuple(one.get(key, ())) for key in ("fit", "unfit", "raised"))
        found[name] = Validation(fit, unfit, one["measured"], one["steps"], raised)
    return found


def score_name(protocol: Protocol) -> str | None:
    """Name in `validations` of the AUC by these rules; None where it was not tried."""
    rules = _rules(protocol)
    return next((name for name, each in PROTOCOLS.items() if _rules(each) == rules), None)


def measure_name(evaluation: str, measure: str, absolute: bool = False) -> str:
    """Name in `validations` of a measure; `absolute` where localisation took |map| for all."""
    if not evaluation.startswith("localisation"):
        return f"{evaluation}, {measure}"
    return f"{measure}, of |map|" if absolute and measure in SIGNED else measure


def why_not_validated(evaluation: str, measure: Measure, kind: str, read: str) -> str:
    """Reason why a measure of such a target and input cannot be validated; "" where it can."""
    if measure.higher_is_better is None:
        return NO_ORDER
    if evaluation.startswith("votes"):
        return OF_PEOPLE
    if read == "rhythm":
        return ON_STRIPS
    return OF_PROBABILITIES if (evaluation, kind) == ("degradation", "binary") else ""


def _rules(protocol: Protocol) -> Mapping[str, object]:
    # It was held on median beats, which are not folded.
    return {key: value for key, value in protocol.rules.items() if key != "folded"}


# What measures it is there now.
__getattr__ = partial(moved, old=__name__, new="ecglens_benchmark.meta_evaluation")
