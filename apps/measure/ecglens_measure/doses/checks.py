"""An edit of a recording is measured again, and refused if it is not what it says.

The limits were fixed before any recording was edited by this program: half a sample of shift alone
moves our own reading by 2 ms and 10 µV in a sixth of the beats.
"""

from collections.abc import Mapping
from math import isnan

from .dose import Dose, Unchangeable

# The intended change may miss by this or by the share of the dose, whichever is more.
MISS = {"ms": 4.0, "µV": 25.0}
MISS_SHARE = 0.15
HELD = {"pr": 4.0, "qrs": 4.0, "qt": 4.0, "r": 25.0, "j": 25.0, "t": 25.0}  # ms, µV
UNIT_OF = {"pr": "ms", "qrs": "ms", "qt": "ms", "r": "µV", "j": "µV", "t": "µV"}


def moved(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Change of each label; NaN where one of both is missing."""
    return {name: after[name] - before[name] for name in before if name in after}


def check(dose: Dose, by: float, change: Mapping[str, float]) -> None:
    """Unchangeable if the measured change is not the intended one, or a held label moved."""
    if dose.label in UNIT_OF:
        found, name = change[dose.label], dose.label.upper()
        if isnan(found):
            raise Unchangeable(f"{name} cannot be measured")
        if abs(found - by) > max(MISS[UNIT_OF[dose.label]], MISS_SHARE * abs(by)):
            raise Unchangeable(f"{name} missed the intended change")
    for name in dose.holds:
        if abs(change[name]) > HELD[name]:  # False for NaN
            raise Unchangeable(f"{name.upper()} moved too")
