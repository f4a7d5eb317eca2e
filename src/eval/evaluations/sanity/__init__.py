"""Agreement of maps with themselves and with each other, and their dependence on the weights."""

from .baselines import BASELINES
from .consistency import Consistency
from .copies import Copy, passes, plan_of
from .correlation import (
    RESOLUTIONS,
    SCALES,
    SIGNS,
    Resolution,
    at_resolution,
    correlations,
    spearman,
)
from .gates import RHO, THRESHOLDS, Thresholds, headline
from .similarity import Similarity
from .weights import Weights

__all__ = [
    "BASELINES",
    "RESOLUTIONS",
    "RHO",
    "SCALES",
    "SIGNS",
    "THRESHOLDS",
    "Consistency",
    "Copy",
    "Resolution",
    "Similarity",
    "Thresholds",
    "Weights",
    "at_resolution",
    "correlations",
    "headline",
    "passes",
    "plan_of",
    "spearman",
]
