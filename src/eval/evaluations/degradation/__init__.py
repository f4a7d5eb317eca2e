"""Faithfulness: the prediction while all of an ECG is taken away, piece by piece."""

from .evaluation import Degradation
from .scores import aucs, degradation_score, f1s, score_drop

__all__ = ["Degradation", "aucs", "degradation_score", "f1s", "score_drop"]
