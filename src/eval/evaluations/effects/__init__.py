"""Change of the output when a wave or a label of an ECG changes, and what maps predict."""

from .by_wave import Effects
from .counterfactuals import Counterfactuals, exact_parameters, pairs
from .prediction import pair_scores, predicted, share_moved, slopes

__all__ = [
    "Counterfactuals",
    "Effects",
    "exact_parameters",
    "pair_scores",
    "pairs",
    "predicted",
    "share_moved",
    "slopes",
]
