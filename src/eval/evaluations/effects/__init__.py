"""Change of the output when waves of an ECG are swapped, and its agreement with maps."""

from ....former import handed_on
from .by_wave import EFFECTS
from .effects import Effects, effects_of
from .yardstick import OF_EVERY_MAP, OTHER_EFFECTS, Against, PerPair, cosine, fit

__getattr__ = handed_on(
    __name__,
    dict.fromkeys(
        ("Counterfactuals", "pair_scores", "pairs", "predicted", "share_moved", "slopes"),
        "ecglens_metrics",
    )
    | {"exact_parameters": "ecglens.datamodules"},
)

__all__ = [
    "EFFECTS",
    "OF_EVERY_MAP",
    "OTHER_EFFECTS",
    "Against",
    "Effects",
    "PerPair",
    "cosine",
    "effects_of",
    "fit",
]
