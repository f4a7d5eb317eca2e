"""What came out of the trial, for every table that shows a metric's numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from ..perturbation.protocol import Protocol
from .metric import METRICS, PerturbationAuc

# The networks on which each metric is unfit: python -m benchmarks.trial, docs/trial.md.
UNFIT_ON: Mapping[str, Sequence[str]] = {
    "perturbation AUC, house rules": ("three votes",),
    "perturbation AUC, Storås 2025": ("signed", "three votes"),
    "completeness": (
        "window",
        "signed",
        "edge",
        "two leads, mean",
        "two leads, max",
        "three votes",
        "product",
    ),
}
# Settings of a protocol that do not change the AUC of a map of a median beat.
NO_PART = {"name", "steps", "cutoffs", "folded", "oracle", "other_ecg"}


def standing(metric: str) -> str:
    """A few words to stand beside the numbers of a metric (a name in METRICS, or any other)."""
    if metric not in UNFIT_ON:
        return "not tried"
    if not UNFIT_ON[metric]:
        return "fit on every network tried"
    return f"unfit on {'; '.join(UNFIT_ON[metric])}"


def tried_as(protocol: Protocol) -> str | None:
    """The metric in METRICS that is the AUC by these rules; None where it was not tried."""
    for name, metric in METRICS.items():
        if isinstance(metric, PerturbationAuc) and _rules(metric.rules) == _rules(protocol):
            return name
    return None


def _rules(protocol: Protocol) -> Mapping[str, object]:
    return {key: value for key, value in asdict(protocol).items() if key not in NO_PART}
