"""What the tests of the commands take from the front doors."""

from ..front_doors import BOTH, ROOT, SMALL, forked, started, surroundings

__all__ = ["BOTH", "ROOT", "SMALL", "forked", "started", "surroundings"]
