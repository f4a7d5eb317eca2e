"""Measured validation of each metric: results.json, by `benchmarks.meta_evaluation --write`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ...store import Step, write_text
from ..evaluations.axioms.removed import REMOVED
from ..evaluations.degradation.curves import DEGRADED
from ..evaluations.degradation.scores import DEGRADATION_SCORES
from ..evaluations.effects.measured import EFFECTS
from ..evaluations.perturbation.kept_curves import CURVES
from ..outcomes import AREA
from .networks import NETWORKS

FILE = Path(__file__).with_name("results.json")
# Networks, maps, thresholds, and the metrics that no other step computes.
OWN = Step("meta_evaluation", version=1)
# Steps whose numbers the metrics of a family are made of; a family ends at the name's first comma.
READS: Mapping[str, tuple[Step, ...]] = {
    "perturbation AUC": (CURVES, AREA),
    "degradation": (DEGRADED, DEGRADATION_SCORES),
    "effects": (EFFECTS,),
    "counterfactuals": (EFFECTS,),
    "axioms": (REMOVED,),
}


@dataclass(frozen=True)
class Validation:
    """Networks on which a metric is fit and unfit; on the others it was not tried.

    `measured` is a date (ISO 8601), `steps` the versions of the steps that it was measured with.
    """

    fit: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()
    measured: str = ""
    steps: Mapping[str, int] = field(default_factory=dict)

    @property
    def tried(self) -> int:
        """Number of networks on which it was tried."""
        return len(self.fit) + len(self.unfit)

    def is_current(self, metric: str) -> bool:
        """Whether the steps of this metric still have the versions that it was measured with."""
        return self.steps == steps_of(metric)


def steps_of(metric: str) -> Mapping[str, int]:
    """Versions, now, of the steps whose numbers a metric is made of."""
    read = READS.get(metric.partition(",")[0], ())
    return {step.name: step.version for step in (OWN, *read)}


def validations(path: Path = FILE) -> Mapping[str, Validation]:
    """Validation of each metric that was tried, by its name in `benchmarks.meta_evaluation`."""
    plain = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: Validation(tuple(one["fit"]), tuple(one["unfit"]), one["measured"], one["steps"])
        for name, one in plain.items()
    }


def keep(metric: str, decided: Mapping[str, bool], today: str, path: Path = FILE) -> None:
    """Write into a file of results on which networks a metric is fit.

    Decisions on other networks stay if they were measured with the same versions of the steps.
    """
    found = dict(validations(path)) if path.exists() else {}
    before = found.get(metric, Validation())
    if not before.is_current(metric):
        before = Validation()
    both = {
        **dict.fromkeys(before.fit, True),
        **dict.fromkeys(before.unfit, False),
        **decided,
    }
    found[metric] = Validation(
        _ordered(name for name, fit in both.items() if fit),
        _ordered(name for name, fit in both.items() if not fit),
        today,
        steps_of(metric),
    )
    plain = {name: asdict(one) for name, one in found.items()}
    write_text(path, json.dumps(plain, indent=1, ensure_ascii=False) + "\n")


def _ordered(networks: Iterable[str]) -> tuple[str, ...]:
    """Networks in the order of NETWORKS."""
    return tuple(sorted(networks, key=[*NETWORKS].index))
