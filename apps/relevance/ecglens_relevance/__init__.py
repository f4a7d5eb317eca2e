"""Relevance by class, lead and average beat (Bender 2023)."""

from .evaluation import Relevance
from .findings import FALSE

__all__ = ["FALSE", "Relevance"]
