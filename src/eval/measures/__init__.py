"""Evaluations that give one number per ECG and method: what they measure, and their tables."""

from .measure import About, Measure
from .panel import Panel
from .sentence import who_beats_the_controls

__all__ = ["About", "Measure", "Panel", "who_beats_the_controls"]
