"""Checks of a network before it is explained: the linter."""

from .linter import Findings, lint
from .remarks import Remark

__all__ = ["Findings", "Remark", "lint"]
