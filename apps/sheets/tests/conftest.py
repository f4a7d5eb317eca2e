"""Fixtures of the core that sheets need, too."""

from tests.library.conftest import ecgs, net

__all__ = ["ecgs", "net"]
