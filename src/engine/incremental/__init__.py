"""Predictions for copies of one ECG that differ in windows: only what can change is recomputed."""

from .stepwise import NEVER, Copies
from .walker import Prepared, Walker, keeps_statistics, points_read, prepared_in, unperturbed

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
