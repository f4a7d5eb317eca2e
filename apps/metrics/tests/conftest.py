"""Findings as those of the tests of pages."""

from tests.report.conftest import make_finding

__all__ = ["make_finding"]
