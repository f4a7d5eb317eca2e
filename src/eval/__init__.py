"""Heatmaps to numbers: perturbation curves, scores per ECG and draw, ranking, statistics."""

from .answer import Answer
from .callback import AttributionCallback
from .experiment import Checked, Experiment
from .gate import gates
from .measures import Measure, Panel
from .perturbation.curves import (
    area_under_curve,
    error_in_sd,
    perturbation_curve,
    prediction_change,
    relative_error,
)
from .perturbation.oracle import oracle
from .perturbation.points import rank_points
from .perturbation.protocol import DEFAULT, POINTS, STORAS2025, Protocol
from .ranking.merge import merge
from .ranking.ranking import Ranking, rank, rank_test
from .result import Gallery, Result, Scores
from .score import score
from .unanswered import NotApplicable, Unanswered

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
