"""Checks of a network before it is explained: the linter."""

from .linter import Findings, lint
from .remark import Remark

__all__ = ["Findings", "Remark", "lint"]
