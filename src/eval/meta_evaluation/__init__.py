"""Meta-evaluation: metrics before networks with a known answer."""

from .decisions import DoseResponse, Samples
from .ecgs import exact_ecgs
from .elsewhere import ELSEWHERE, Largest
from .maps import BROKEN, mixed
from .metric import METRICS, Completeness, Metric, OfChanges, PerturbationAuc
from .networks import NETWORKS, Edge, HandSet, Maximum, Mean, Product, Vote, window
from .results import Validation, validations
from .thresholds import THRESHOLDS, Thresholds
from .tried import UNREACHED, measure_name, tried_as, why_not
from .verdict import Verdict, trial

__all__ = [
    "BROKEN",
    "ELSEWHERE",
    "METRICS",
    "NETWORKS",
    "THRESHOLDS",
    "UNREACHED",
    "Completeness",
    "DoseResponse",
    "Edge",
    "HandSet",
    "Largest",
    "Maximum",
    "Mean",
    "Metric",
    "OfChanges",
    "PerturbationAuc",
    "Product",
    "Samples",
    "Thresholds",
    "Validation",
    "Verdict",
    "Vote",
    "exact_ecgs",
    "measure_name",
    "mixed",
    "trial",
    "tried_as",
    "validations",
    "why_not",
    "window",
]
