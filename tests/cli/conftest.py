"""What the tests of the commands take from the front doors."""

from ..front_doors import BOTH, ROOT, SHOWN, SMALL, forked, started, surroundings

__all__ = ["BOTH", "ROOT", "SHOWN", "SMALL", "forked", "started", "surroundings"]
