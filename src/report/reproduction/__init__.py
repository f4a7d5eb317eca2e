"""Findings in the form of a published study, with the numbers that it printed beside them."""

from .write import write_reproduction

__all__ = ["write_reproduction"]
