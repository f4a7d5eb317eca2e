"""Change of the output when a wave or a label of an ECG changes, and what maps predict."""

from .counterfactuals import Counterfactuals, exact_parameters, pairs
from .effects import Effects, effects_of
from .prediction import pair_scores, predicted, share_moved, slopes
from .yardstick import OF_EVERY_MAP, OTHER_EFFECTS, Against

__all__ = [
    "OF_EVERY_MAP",
    "OTHER_EFFECTS",
    "Against",
    "Counterfactuals",
    "Effects",
    "effects_of",
    "exact_parameters",
    "pair_scores",
    "pairs",
    "predicted",
    "share_moved",
    "slopes",
]
