"""What came out of the trial, for every table that shows a metric's numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from ..protocol import Protocol
from .metric import METRICS, PerturbationAuc
from .networks import NETWORKS

# The networks on which each metric is unfit: python -m benchmarks.trial, docs/trial.md.
_EVERY = tuple(NETWORKS)
UNFIT_ON: Mapping[str, Sequence[str]] = {
    "perturbation AUC, default protocol": (),
    "perturbation AUC, points": ("three votes",),
    "perturbation AUC, Storås 2025": ("signed", "three votes"),
    "perturbation AUC, segments": ("signed", "three votes"),
    "perturbation AUC, least relevant segments first": _EVERY,
    "perturbation AUC, segments filled: zero": ("signed", "two leads, max", "product"),
    "perturbation AUC, segments filled: mean": ("signed", "two leads, mean"),
    "perturbation AUC, segments filled: linear": (
        "window",
        "signed",
        "edge",
        "three votes",
        "product",
    ),
    "perturbation AUC, noise of 2 %": ("edge", "three votes"),
    "perturbation AUC, noise of 5 %": ("edge", "three votes"),
    "perturbation AUC, noise of 10 %": ("three votes",),
    "completeness": _EVERY,
}
# The networks on which those were tried that have not stood on all.
TRIED_ON: Mapping[str, Sequence[str]] = {
    "perturbation AUC, noise of 2 %": ("window", "signed", "edge", "three votes"),
    "perturbation AUC, noise of 5 %": ("window", "signed", "edge", "three votes"),
}
# Settings of a protocol that do not change the AUC of a map of a median beat; and those of noise
# and of segments, where there are none.
NO_PART = {"name", "steps", "cutoffs", "folded", "oracle", "ladder"}
OF_NOISE, OF_SEGMENTS = {"noise", "noise_scope"}, {"segment_ms"}


def standing(metric: str) -> str:
    """A few words to stand beside the numbers of a metric (a name in METRICS, or any other)."""
    if metric not in UNFIT_ON:
        return "not tried"
    if not UNFIT_ON[metric]:
        return "fit on every network tried"
    return f"unfit on {'; '.join(UNFIT_ON[metric])}"


def tried_on(metric: str) -> Sequence[str]:
    """The networks on which a metric was tried; none where it was not."""
    return TRIED_ON.get(metric, _EVERY if metric in UNFIT_ON else ())


def tried_as(protocol: Protocol) -> str | None:
    """The metric in METRICS that is the AUC by these rules; None where it was not tried."""
    for name, metric in METRICS.items():
        if isinstance(metric, PerturbationAuc) and _rules(metric.rules) == _rules(protocol):
            return name
    return None


def _rules(protocol: Protocol) -> Mapping[str, object]:
    idle = NO_PART | (OF_NOISE if protocol.fill != "noise" else set())
    idle |= OF_SEGMENTS if protocol.unit == "point" else set()
    return {key: value for key, value in asdict(protocol).items() if key not in idle}
