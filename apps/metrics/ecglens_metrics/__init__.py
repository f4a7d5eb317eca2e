"""Further questions to heatmaps: axioms, counterfactual pairs, degradation, shortcuts."""

from .axiom_numbers import alike, completeness_gap, removed, scaled_infidelity
from .axioms import Axioms
from .counterfactuals import Counterfactuals, pairs
from .degradation import Degradation
from .prediction import pair_scores, predicted, share_moved, slopes
from .shortcuts import MEASURES, ODDS, Audit, Judged, Shortcuts, audit, flags, judged, limit_of

__all__ = [
    "MEASURES",
    "ODDS",
    "Audit",
    "Axioms",
    "Counterfactuals",
    "Degradation",
    "Judged",
    "Shortcuts",
    "alike",
    "audit",
    "completeness_gap",
    "flags",
    "judged",
    "limit_of",
    "pair_scores",
    "pairs",
    "predicted",
    "removed",
    "scaled_infidelity",
    "share_moved",
    "slopes",
]
