"""Predictions for copies of one ECG that differ in windows: only what can change is recomputed."""

from .copies import NEVER, Copies
from .prepared import Prepared, keeps_statistics, points_read, prepared_in, unperturbed
from .walker import Walker

__all__ = [
    "NEVER",
    "Copies",
    "Prepared",
    "Walker",
    "keeps_statistics",
    "points_read",
    "prepared_in",
    "unperturbed",
]
