"""Agreement of maps with each other, and their dependence on the weights."""

from ....former import handed_on
from .baselines import BASELINES, Ground, Numbers, centred, gathered, ground_of, permuted_maps
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
from .gates import (
    RHO,
    THRESHOLDS,
    Thresholds,
    Verdict,
    above_baseline,
    by_verdict,
    frame,
    headline,
    kind,
    mean_agreement,
    of_methods,
    output_agreement,
    rho_table,
    row,
    unsure,
)
from .weights import Weights

__getattr__ = handed_on(__name__, dict.fromkeys(("Consistency", "Similarity"), "ecglens_metrics"))

__all__ = [
    "BASELINES",
    "RESOLUTIONS",
    "RHO",
    "SCALES",
    "SIGNS",
    "THRESHOLDS",
    "Copy",
    "Ground",
    "Numbers",
    "Resolution",
    "Thresholds",
    "Verdict",
    "Weights",
    "above_baseline",
    "at_resolution",
    "by_verdict",
    "centred",
    "correlations",
    "frame",
    "gathered",
    "ground_of",
    "headline",
    "kind",
    "mean_agreement",
    "of_methods",
    "output_agreement",
    "passes",
    "permuted_maps",
    "plan_of",
    "rho_table",
    "row",
    "spearman",
    "unsure",
]
