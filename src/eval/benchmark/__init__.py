"""The fixed suite for attribution methods: parts, limits, checks, results and their order."""

from .built_in import built_in
from .checks import CHECKS, Check, checks
from .comparison import alike, beside, compact, reference, same_networks, side_by_side
from .contributions import Contributions
from .cost import Cost, cost_of
from .order import LIMITS, Standing, order, places
from .parts import (
    Outcome,
    axioms_outcome,
    consistency_outcome,
    contributions_outcome,
    ladder_outcome,
    localisation_outcome,
    not_tried,
    pairs_outcome,
    real_outcome,
    weights_outcomes,
)
from .planted import shortcuts_outcome
from .result import HASH, read_result, sealed
from .scores import Score
from .suite import PARTS, SUITE, TIERS, Part, Tier

__all__ = [
    "CHECKS",
    "HASH",
    "LIMITS",
    "PARTS",
    "SUITE",
    "TIERS",
    "Check",
    "Contributions",
    "Cost",
    "Outcome",
    "Part",
    "Score",
    "Standing",
    "Tier",
    "alike",
    "axioms_outcome",
    "beside",
    "built_in",
    "checks",
    "compact",
    "consistency_outcome",
    "contributions_outcome",
    "cost_of",
    "ladder_outcome",
    "localisation_outcome",
    "not_tried",
    "order",
    "pairs_outcome",
    "places",
    "read_result",
    "real_outcome",
    "reference",
    "same_networks",
    "sealed",
    "shortcuts_outcome",
    "side_by_side",
    "weights_outcomes",
]
