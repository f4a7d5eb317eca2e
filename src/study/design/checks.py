"""Whether these materials make a study: said before anything is drawn."""

from collections.abc import Sequence

import numpy as np

from ..ballot import NONE
from ..blinding import UNKNOWN
from .catch import PLANTED, RANDOM
from .material import Material
from .settings import MOST_SHOWN, Settings

LEAST_SHOWN = {"pick": 2, "rate": 1, "pair": 2}


def check(materials: Sequence[Material], settings: Settings) -> None:
    """ValueError for a target twice, methods that one screen cannot show, an ECG that is two."""
    names = [material.target.name for material in materials]
    if not names or len({*names}) < len(names):
        raise ValueError(f"expected targets, each once, got {', '.join(names) or 'none'}")
    for material in materials:
        _check_methods(material, settings.protocol)
    _check_shared(materials)


def _check_methods(material: Material, protocol: str) -> None:
    shown, of = [*material.heatmaps], f"target {material.target.name!r}"
    taken = {PLANTED, NONE, UNKNOWN, *material.controls}
    if wrong := [name for name in shown if name in taken or name.split(" ")[0] == RANDOM]:
        raise ValueError(f"{of}: expected methods, got {', '.join(wrong)}; leave it out")
    if len(shown) < LEAST_SHOWN[protocol]:
        raise ValueError(
            f"{of}: expected {LEAST_SHOWN[protocol]} methods or more for {protocol}, got "
            f"{', '.join(shown)}"
        )
    if protocol == "pick" and len(shown) > MOST_SHOWN:
        raise ValueError(
            f"{of}: expected at most {MOST_SHOWN} methods on one screen, a digit each, got "
            f"{len(shown)}: {', '.join(shown)}; leave some out, or ask for pair or rate"
        )


def _check_shared(materials: Sequence[Material]) -> None:
    """An ECG of several targets is drawn once: it must be the same signal in all."""
    first: dict[str, tuple[Material, int]] = {}
    for material in materials:
        for place, name in enumerate(material.ecgs):
            other, there = first.setdefault(name, (material, place))
            same = (other.fs, other.origin) == (material.fs, material.origin)
            if not same or not np.array_equal(other.x[there], material.x[place], equal_nan=True):
                raise ValueError(
                    f"expected ECG {name} to be one signal, got two of targets "
                    f"{other.target.name!r} and {material.target.name!r}; make a study of each"
                )
