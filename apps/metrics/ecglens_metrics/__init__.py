"""Further evaluations: axioms, counterfactuals, effects, localisation, similarity and others."""

from .axiom_numbers import alike, completeness_gap, removed, scaled_infidelity
from .axioms import Axioms
from .class_auroc import Deletions, mask_auroc, tells_classes
from .consistency import Consistency
from .counterfactuals import Counterfactuals, pairs
from .degradation import Degradation
from .effects import Effects, effects_of
from .localisation import OF_SIZES, Localisation, against
from .localisation_scores import (
    Areas,
    pointing_game,
    relevance_mass,
    relevance_rank,
    spatial_specificity,
    temporal_profile,
    temporal_specificity,
    top_iou,
    weighted_areas,
)
from .prediction import pair_scores, predicted, share_moved, slopes
from .shortcuts import MEASURES, ODDS, Audit, Judged, Shortcuts, audit, flags, judged, limit_of
from .similarity import Similarity
from .wave_swaps import EFFECTS
from .yardstick import OF_EVERY_MAP, OTHER_EFFECTS, Against, PerPair, cosine, fit

__all__ = [
    "EFFECTS",
    "MEASURES",
    "ODDS",
    "OF_EVERY_MAP",
    "OF_SIZES",
    "OTHER_EFFECTS",
    "Against",
    "Areas",
    "Audit",
    "Axioms",
    "Consistency",
    "Counterfactuals",
    "Degradation",
    "Deletions",
    "Effects",
    "Judged",
    "Localisation",
    "PerPair",
    "Shortcuts",
    "Similarity",
    "against",
    "alike",
    "audit",
    "completeness_gap",
    "cosine",
    "effects_of",
    "fit",
    "flags",
    "judged",
    "limit_of",
    "mask_auroc",
    "pair_scores",
    "pairs",
    "pointing_game",
    "predicted",
    "relevance_mass",
    "relevance_rank",
    "removed",
    "scaled_infidelity",
    "share_moved",
    "slopes",
    "spatial_specificity",
    "tells_classes",
    "temporal_profile",
    "temporal_specificity",
    "top_iou",
    "weighted_areas",
]
