"""Benchmark of attribution methods: suite, cards, leaderboard, meta-evaluation of metrics.

Names load on first use, so that the help of commands stays quick.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .claims import Claim, Decision, claim
    from .honesty import CHECKS, Check, checks
    from .map_data import read_network, score_maps, write_map_data
    from .pages import write_card, write_leaderboard
    from .run import Recorded, benchmark
    from .season.run import season_card
    from .standings import LIMITS, Standing, order, places, reference
    from .suite import PARTS, SUITE, TIERS, Part, Tier, read_result

__getattr__, __dir__, __all__ = lazy(__name__)
