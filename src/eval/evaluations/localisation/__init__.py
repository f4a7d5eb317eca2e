"""Overlap of maps with the region that decides a target: plausibility, not faithfulness."""

from .evaluation import OF_SIZES, Localisation, against
from .region import TargetRegion
from .scores import (
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

__all__ = [
    "OF_SIZES",
    "Areas",
    "Localisation",
    "TargetRegion",
    "against",
    "pointing_game",
    "relevance_mass",
    "relevance_rank",
    "spatial_specificity",
    "temporal_profile",
    "temporal_specificity",
    "top_iou",
    "weighted_areas",
]
