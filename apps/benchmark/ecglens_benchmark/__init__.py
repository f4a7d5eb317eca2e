"""Benchmark of attribution methods: suite, cards, leaderboard, meta-evaluation of metrics.

Names load on first use, so that the help of commands stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .honesty import CHECKS, Check, checks
    from .pages import write_card, write_leaderboard
    from .run import Recorded, benchmark
    from .standings import LIMITS, Standing, order, places, reference
    from .suite import PARTS, SUITE, TIERS, Part, Tier, read_result

__all__ = [
    "CHECKS",
    "LIMITS",
    "PARTS",
    "SUITE",
    "TIERS",
    "Check",
    "Part",
    "Recorded",
    "Standing",
    "Tier",
    "benchmark",
    "checks",
    "order",
    "places",
    "read_result",
    "reference",
    "write_card",
    "write_leaderboard",
]
HOMES = {
    "CHECKS": "honesty",
    "Check": "honesty",
    "checks": "honesty",
    "LIMITS": "standings",
    "Standing": "standings",
    "order": "standings",
    "places": "standings",
    "reference": "standings",
    "write_card": "pages",
    "write_leaderboard": "pages",
    "Recorded": "run",
    "benchmark": "run",
    "PARTS": "suite",
    "SUITE": "suite",
    "TIERS": "suite",
    "Part": "suite",
    "Tier": "suite",
    "read_result": "suite",
}


def __getattr__(name: str) -> Any:
    if name in HOMES:
        return getattr(import_module(f".{HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
