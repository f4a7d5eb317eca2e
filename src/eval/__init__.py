"""Heatmaps to numbers: perturbation curves, scores per ECG and draw, ranking, statistics."""

from .answer import Answer
from .callback import AttributionCallback
from .curves import Gallery, Result, Scores
from .evaluation import NotApplicable, Unanswered
from .evaluations.perturbation.curves import (
    area_under_curve,
    error_in_sd,
    perturbation_curve,
    prediction_change,
    relative_error,
)
from .evaluations.perturbation.oracle import oracle
from .evaluations.perturbation.score import score
from .experiment import Checked, Experiment
from .gate import gates
from .heatmaps.order import rank_points
from .measures import Measure, Panel
from .protocol import DEFAULT, POINTS, STORAS2025, Protocol
from .ranking.merge import merge
from .ranking.ranking import Ranking, rank, rank_test

__all__ = [
    "DEFAULT",
    "POINTS",
    "STORAS2025",
    "Answer",
    "AttributionCallback",
    "Checked",
    "Experiment",
    "Gallery",
    "Measure",
    "NotApplicable",
    "Panel",
    "Protocol",
    "Ranking",
    "Result",
    "Scores",
    "Unanswered",
    "area_under_curve",
    "error_in_sd",
    "gates",
    "merge",
    "oracle",
    "perturbation_curve",
    "prediction_change",
    "rank",
    "rank_points",
    "rank_test",
    "relative_error",
    "score",
]
