"""Predictions for copies of one ECG that differ in windows: only what can change is recomputed."""

from .copies import NEVER, Copies
from .walker import Walker

__all__ = ["NEVER", "Copies", "Walker"]
