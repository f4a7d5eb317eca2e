"""Findings in the form of a published study, with the numbers that it printed beside them."""

from ..views.choice import Choice
from .check import differences, kept_tables
from .write import write_reproduction

__all__ = ["Choice", "differences", "kept_tables", "write_reproduction"]
