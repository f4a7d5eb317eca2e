"""Agreement of maps with themselves and with each other, and their dependence on the weights."""

from .baselines import BASELINES
from .consistency import Consistency
from .copies import passes
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
    "Resolution",
    "Similarity",
    "Thresholds",
    "Weights",
    "at_resolution",
    "correlations",
    "headline",
    "passes",
    "spearman",
]
