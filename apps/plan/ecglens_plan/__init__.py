"""How many ECGs, networks and draws would show what a finished run did not.

Names load on first use, so that the help of commands stays quick.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .planning import Comparisons, Pilot, comparisons_of, plan, plan_sections

# What a plan is made to show: levels 2 and 3 of the null ladder, the return test, the gates.
TARGET, OTHERS, ECG, NETWORK = DETECTED = ("target", "other patients", "this ECG", "network")

__getattr__, __dir__, __all__ = lazy(__name__)
