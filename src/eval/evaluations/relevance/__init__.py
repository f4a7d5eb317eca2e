"""Relevance by class, lead and average beat (Bender 2023)."""

from .evaluation import Relevance
from .waves import SEGMENTS, shares

__all__ = ["SEGMENTS", "Relevance", "shares"]
