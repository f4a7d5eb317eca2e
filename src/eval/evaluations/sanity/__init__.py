"""Do maps agree, with themselves and with each other, and do they depend on the weights?"""

from ...heatmaps.explained import Setup
from .consistency import consistency
from .correlation import correlations, spearman
from .experiments import Consistency, Similarity, Weights
from .finding import Finding
from .floors import FLOORS
from .gates import THRESHOLDS, Thresholds
from .similarity import similarity
from .views import SCALES, SIGNS, VIEWS, View, seen
from .weights import weights

__all__ = [
    "FLOORS",
    "SCALES",
    "SIGNS",
    "THRESHOLDS",
    "VIEWS",
    "Consistency",
    "Finding",
    "Setup",
    "Similarity",
    "Thresholds",
    "View",
    "Weights",
    "consistency",
    "correlations",
    "seen",
    "similarity",
    "spearman",
    "weights",
]
