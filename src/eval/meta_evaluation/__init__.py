"""Meta-evaluation: metrics before networks with a known answer."""

from .decisions import DoseResponse, Samples
from .ecgs import exact_ecgs
from .elsewhere import ELSEWHERE, Largest
from .maps import BROKEN, mixed
from .metric import METRICS, Completeness, Metric, OfChanges, PerturbationAuc
from .networks import NETWORKS, Edge, HandSet, Maximum, Mean, Product, Vote, window
from .panels import STOOD, UNREACHED, Stood, stood, why_not
from .standing import UNFIT_ON, standing, tried_as, tried_on
from .thresholds import THRESHOLDS, Thresholds
from .verdict import Verdict, trial

__all__ = [
    "BROKEN",
    "ELSEWHERE",
    "METRICS",
    "NETWORKS",
    "STOOD",
    "THRESHOLDS",
    "UNFIT_ON",
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
    "Stood",
    "Thresholds",
    "Verdict",
    "Vote",
    "exact_ecgs",
    "mixed",
    "standing",
    "stood",
    "trial",
    "tried_as",
    "tried_on",
    "why_not",
    "window",
]
