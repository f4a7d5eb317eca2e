"""Names of the metrics that validate scores and measures, and why others cannot be validated."""

from collections.abc import Mapping
from dataclasses import asdict

from ..measures.measure import Measure
from ..protocol import Protocol
from .metric import METRICS, PerturbationAuc

# Settings of a protocol that do not change the AUC of a map of a median beat; and those of noise
# and of segments, where there are none.
NO_PART = {"name", "steps", "cutoffs", "folded", "oracle", "ladder"}
OF_NOISE, OF_SEGMENTS = {"noise", "noise_scope"}, {"segment_ms"}
# |map| makes another measure of these; all others of localisation read |map| in any case.
SIGNED = ("pointing_game", "relevance_rank", "top_iou", "relevance_mass")
NO_ORDER = "no value of it is better, so it orders no maps"
OF_PEOPLE = "experts are asked what they prefer, and no network holds the truth of that"
ON_STRIPS = "the meta-evaluation was held on median beats"
OF_PROBABILITIES = "the networks of the meta-evaluation give no probabilities"
TOO_FEW = "too few of the meta-evaluation's ECGs have a number of it for every map"
UNREACHED = "the meta-evaluation has not reached it"


def score_name(protocol: Protocol) -> str | None:
    """Name in METRICS of the AUC by these rules; None where it was not tried."""
    for name, metric in METRICS.items():
        if isinstance(metric, PerturbationAuc) and _rules(metric.rules) == _rules(protocol):
            return name
    return None


def measure_name(evaluation: str, measure: str, absolute: bool = False) -> str:
    """Name in `validations` of a measure; `absolute` where localisation took |map| for all."""
    if not evaluation.startswith("localisation"):
        return f"{evaluation}, {measure}"
    return f"{measure}, of |map|" if absolute and measure in SIGNED else measure


def why_not_validated(evaluation: str, measure: Measure, kind: str, read: str) -> str:
    """Why a measure of such a target and input cannot be validated; "" where it can."""
    if measure.higher_is_better is None:
        return NO_ORDER
    if evaluation.startswith("votes"):
        return OF_PEOPLE
    if (evaluation, measure.name) == ("effects", "beyond_other"):
        return TOO_FEW
    if read == "rhythm":
        return ON_STRIPS
    return OF_PROBABILITIES if (evaluation, kind) == ("degradation", "binary") else ""


def _rules(protocol: Protocol) -> Mapping[str, object]:
    idle = NO_PART | (OF_NOISE if protocol.fill != "noise" else set())
    idle |= OF_SEGMENTS if protocol.unit == "point" else set()
    return {key: value for key, value in asdict(protocol).items() if key not in idle}
