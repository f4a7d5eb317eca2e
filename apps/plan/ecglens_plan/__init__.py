"""How many ECGs, networks and draws would show what a finished run did not.

Names load on first use, so that the help of commands stays quick.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .comparisons import DETECTED, Comparisons, comparisons_of
    from .planning import Pilot, plan

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "comparisons": "DETECTED Comparisons comparisons_of",
        "planning": "Pilot plan",
    },
)
