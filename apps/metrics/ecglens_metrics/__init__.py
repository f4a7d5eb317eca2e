"""Further evaluations: axioms, counterfactuals, effects, localisation, similarity and others."""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
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

__getattr__, __dir__, __all__ = lazy(__name__)
