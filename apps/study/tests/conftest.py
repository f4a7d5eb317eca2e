"""Fixtures of the core that a study needs, too."""

from tests.library.conftest import ecgs, net

__all__ = ["ecgs", "net"]
