"""Heatmaps to numbers: perturbation curves, scores per ECG and draw, ranking, statistics."""

from .curves import (
    area_under_curve,
    error_in_sd,
    perturbation_curve,
    prediction_change,
    relative_error,
)
from .points import rank_points
from .protocol import HOUSE, STORAS2025, Protocol
from .ranking import Ranking, rank
from .result import Gallery, Result, Scores

__all__ = [
    "HOUSE",
    "STORAS2025",
    "Gallery",
    "Protocol",
    "Ranking",
    "Result",
    "Scores",
    "area_under_curve",
    "error_in_sd",
    "perturbation_curve",
    "prediction_change",
    "rank",
    "rank_points",
    "relative_error",
]
