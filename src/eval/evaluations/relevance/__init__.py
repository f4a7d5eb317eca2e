"""Relevance by class, lead and average beat (Bender 2023)."""

from .evaluation import Relevance

__all__ = ["Relevance"]
