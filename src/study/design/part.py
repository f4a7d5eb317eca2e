"""The ECGs of one target: which are judged, which are practised on, which have a known answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...eval.evaluation import NotApplicable
from .catch import with_region
from .choose import choose, usable
from .material import Material
from .settings import Settings
from .streams import stream


@dataclass(frozen=True, eq=False)
class Part:
    """Places of the material, and the `methods` that it has maps of in the study's order.

    `practice` is one ECG or more, to be gone through again and again. `reasons` say what is not
    as the settings ask for.
    """

    material: Material
    methods: tuple[str, ...]
    chosen: tuple[int, ...]
    catch: tuple[int, ...]
    practice: tuple[int, ...]
    reasons: tuple[str, ...]


def part_of(
    material: Material, methods: Sequence[str], settings: Settings, ecgs: int, how: str
) -> Part:
    """Practice and catch items are of ECGs that were not chosen, as far as there are any.

    Raises ValueError as `choose` does.
    """
    chosen = choose(material, ecgs, how, settings.seed)
    rest = _others_first(material, chosen, settings.seed)
    regions, why = _regions(material, settings)
    catch = [place for place in rest if place in regions][: settings.catch]
    if not why and len(catch) < settings.catch:
        why = f"{len(catch)} ECGs of {settings.catch} for catch items have the places of the target"
    reasons = [*filter(None, [why]), *_left_out(material, methods, chosen, how)]
    return Part(
        material,
        tuple(name for name in methods if name in material.heatmaps),
        chosen,
        tuple(catch),
        tuple(place for place in rest if place not in catch) or tuple(rest),
        tuple(f"{material.target.name}: {reason}" for reason in reasons),
    )


def _others_first(material: Material, chosen: tuple[int, ...], seed: int) -> list[int]:
    """All ECGs with finite maps in random order, those that were not chosen before the chosen."""
    by_name = sorted(np.flatnonzero(usable(material, "random")), key=material.ecgs.__getitem__)
    mixed = stream("others", seed).permutation(by_name).tolist()
    return sorted(mixed, key=lambda place: place in chosen)


def _regions(material: Material, settings: Settings) -> tuple[set[int], str]:
    """The ECGs whose right map is known, or why there are none."""
    if not settings.catch:
        return set(), ""
    if settings.protocol == "rate":
        return set(), "no catch items, since a rating names no right map"
    try:
        return {*np.flatnonzero(with_region(material)).tolist()}, ""
    except NotApplicable:
        return set(), "no catch items, since the target names no edges or waves that decide it"


def _left_out(
    material: Material, methods: Sequence[str], chosen: tuple[int, ...], how: str
) -> Iterator[str]:
    if lacking := [name for name in methods if name not in material.heatmaps]:
        yield f"no maps of {', '.join(lacking)}, which other targets have"
    if left := int((~usable(material, how)).sum()):
        known = "" if how == "random" else ", a known label or a prediction"
        yield f"{left} of {len(material.ecgs)} ECGs lack finite maps{known}; they are not chosen"
    for name, maps in material.heatmaps.items():
        if zero := int((~maps[list(chosen)].any((1, 2))).sum()):
            yield f"{zero} of {len(chosen)} maps of {name} are all zero; they stay in"
