"""Bender 2023: its findings for every method, from relevance findings."""

from .page import bender

__all__ = ["bender"]
