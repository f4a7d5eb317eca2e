"""Meta-evaluation: metrics before networks with a known answer."""

from .decisions import DoseResponse, Samples
from .ecgs import exact_ecgs
from .elsewhere import ELSEWHERE, Largest
from .maps import BROKEN, mixed
from .metric import METRICS, Completeness, Metric, OnChangedEcgs, PerturbationAuc
from .names import UNREACHED, measure_name, score_name, why_not_validated
from .networks import NETWORKS, Edge, HandSet, Maximum, Mean, Product, Vote, window
from .on_network import NetworkValidation, validate
from .results import Validation, validations
from .thresholds import THRESHOLDS, Thresholds
from .truth import truth_of

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
    "NetworkValidation",
    "OnChangedEcgs",
    "PerturbationAuc",
    "Product",
    "Samples",
    "Thresholds",
    "Validation",
    "Vote",
    "exact_ecgs",
    "measure_name",
    "mixed",
    "score_name",
    "truth_of",
    "validate",
    "validations",
    "why_not_validated",
    "window",
]
