"""Doses by name."""

from collections.abc import Callable, Mapping, Sequence

from ..words import chosen
from . import exact, heights, outside, rhythm, signals, timing
from .dose import Dose, Ecg, Edit

FAMILIES = (timing, rhythm, heights, signals, outside)
EVERY: Mapping[str, Dose] = {
    dose.name: dose for family in (*FAMILIES[:1], exact, *FAMILIES[1:]) for dose in family.DOSES
}
EDITED: Mapping[str, Callable[[Ecg, Dose, float], Edit]] = {
    dose.name: family.edited for family in FAMILIES for dose in family.DOSES
}
# Doses whose size is not read off the ECG again, on which nothing is refused.
UNCHECKED = frozenset(dose.name for family in (signals, outside) for dose in family.DOSES)


def doses(names: str | Sequence[str] = "all") -> Mapping[str, Dose]:
    """Doses by name, in the order of the catalogue or of `names` (a list, or text with commas).

    Raises ValueError for an unknown name and for none.
    """
    return EVERY if names == "all" else {name: EVERY[name] for name in chosen(names)}
