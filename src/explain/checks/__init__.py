"""Checks of a network before it is explained: the linter."""

from .linter import Findings, lint

__all__ = ["Findings", "lint"]
