"""Fixtures of the core that sheets need, too."""

from tests.library.conftest import ecgs, net
from tests.report.conftest import make_finding

__all__ = ["ecgs", "make_finding", "net"]
