"""Meta-evaluation: metrics before networks with a known answer."""

from .maps import BROKEN, exact_ecgs, mixed
from .metrics import METRICS, Completeness, Metric, OnChangedEcgs, PerturbationAuc
from .networks import (
    ELSEWHERE,
    NETWORKS,
    Edge,
    HandSet,
    Largest,
    Maximum,
    Mean,
    Product,
    Vote,
    truth_from_mean,
    truth_of,
    window,
)
from .panels import AXIOMS, DEGRADATION, EFFECTS, LOCALISATION
from .validation import (
    THRESHOLDS,
    DoseResponse,
    NetworkValidation,
    Samples,
    Thresholds,
    validate,
)

__all__ = [
    "AXIOMS",
    "BROKEN",
    "DEGRADATION",
    "EFFECTS",
    "ELSEWHERE",
    "LOCALISATION",
    "METRICS",
    "NETWORKS",
    "THRESHOLDS",
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
    "Vote",
    "exact_ecgs",
    "mixed",
    "truth_from_mean",
    "truth_of",
    "validate",
    "window",
]
