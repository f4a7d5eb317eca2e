"""Relevance by class, lead and average beat (Bender 2023)."""

from .evaluation import Relevance
from .findings import FALSE
from .output import SEGMENTS, shares

__all__ = ["FALSE", "SEGMENTS", "Relevance", "shares"]
