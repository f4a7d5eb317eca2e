"""Agreement of maps with themselves and with each other, and their dependence on the weights."""

from .baselines import BASELINES
from .consistency import Consistency
from .correlation import correlations, spearman
from .gates import THRESHOLDS, Thresholds
from .rows import RHO, headline
from .similarity import Similarity
from .views import SCALES, SIGNS, VIEWS, View, seen
from .weights import Weights

__all__ = [
    "BASELINES",
    "RHO",
    "SCALES",
    "SIGNS",
    "THRESHOLDS",
    "VIEWS",
    "Consistency",
    "Similarity",
    "Thresholds",
    "View",
    "Weights",
    "correlations",
    "headline",
    "seen",
    "spearman",
]
