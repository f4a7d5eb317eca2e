"""Predictions for copies of one ECG that differ in windows: only what can change is recomputed."""

from .stepwise import NEVER, Copies
from .walker import (
    Keeping,
    Prepared,
    Walker,
    keeps_statistics,
    of_any_signal,
    points_read,
    prepared_in,
    reads_by_name,
    unperturbed,
)

__all__ = [
    "NEVER",
    "Copies",
    "Keeping",
    "Prepared",
    "Walker",
    "keeps_statistics",
    "of_any_signal",
    "points_read",
    "prepared_in",
    "reads_by_name",
    "unperturbed",
]
