"""Doses by name."""

from collections.abc import Mapping, Sequence

from . import timing
from .dose import Dose

EVERY: Mapping[str, Dose] = {dose.name: dose for dose in timing.DOSES}


def doses(names: str | Sequence[str] = "all") -> Mapping[str, Dose]:
    """Doses by name, in the order of the catalogue or of `names`.

    Raises ValueError for an unknown name.
    """
    if names == "all":
        return EVERY
    wanted = [names] if isinstance(names, str) else [*names]
    if unknown := [name for name in wanted if name not in EVERY]:
        raise ValueError(
            f"expected doses of {', '.join(EVERY)} (or all), got {', '.join(map(repr, unknown))}"
        )
    return {name: EVERY[name] for name in wanted}
