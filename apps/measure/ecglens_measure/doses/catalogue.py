"""Doses by name."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

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
    """Doses by name, in the order of the catalogue or of `names`.

    Raises ValueError for an unknown name and for none.
    """
    if names == "all":
        return EVERY
    wanted = [names] if isinstance(names, str) else [*names]
    if not wanted:
        raise ValueError(f"expected one dose or more ({', '.join(EVERY)}, or all), got none")
    if unknown := [name for name in wanted if name not in EVERY]:
        raise ValueError(
            f"expected doses of {', '.join(nearest(unknown[0]))} (or all), got "
            f"{', '.join(map(repr, unknown))}"
        )
    return {name: EVERY[name] for name in wanted}


def nearest(name: str) -> list[str]:
    """Every dose; first those that change a label of this name, then those spelt like it."""
    label = [each.name for each in EVERY.values() if each.label == name]
    alike = get_close_matches(name, EVERY, n=len(EVERY))
    return [*dict.fromkeys([*label, *alike, *EVERY])]
