"""Arends 2026: its four experiments from findings, beside what its abstract prints."""

from .page import arends

__all__ = ["arends"]
