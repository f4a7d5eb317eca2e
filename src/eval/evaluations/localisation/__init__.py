"""Do maps lie where a cardiologist looks? Plausibility, which is not faithfulness."""

from .evaluation import OF_SIZES, Localisation
from .mass import relevance_mass
from .measures import against
from .pointing import pointing_game
from .region import TargetRegion
from .specificity import spatial_specificity, temporal_profile, temporal_specificity
from .top import relevance_rank, top_iou
from .weighted import Areas, weighted_areas

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
