"""Items whose right answer is known: a map that lies where the target is decided, among others."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float, Float32
from scipy.ndimage import convolve1d

from ...datamodules import Target
from ...ecg import AROUND_MS, HOUSE_FS_HZ
from ...eval.localisation import TargetRegion, relevance_mass
from ...report.display import averaged
from .item import Item
from .material import Material
from .streams import stream

PLANTED, RANDOM = "planted", "random"
# A control of which more lies in the region is as good an answer: on exact beats 89 % of |x| does
# for QT, and 71 % of |dx/dt| for QRS.
MOST_WITHIN = 0.5
SOFT = round(AROUND_MS * HOUSE_FS_HZ / 1e3)  # samples over which a planted map fades out


def planted(material: Material, place: int) -> Float32[np.ndarray, "12 time"]:
    """The map that is right by construction: 1 where the target is decided, fading within 10 ms.

    Raises NotApplicable for a target without places (TargetRegion), ValueError for an ECG that
    lacks them.
    """
    region = region_of(material.target).points(material.segments[[place]])[0]
    if not region.any():
        raise ValueError(f"expected an ECG with {region_of(material.target).words}, got none")
    window = np.hanning(SOFT + 3)[1:-1]  # odd, and none of its ends is 0
    return convolve1d(region.astype(np.float32), window / window.sum(), axis=-1, mode="nearest")


def region_of(target: Target) -> TargetRegion:
    """Where the target is decided; NotApplicable where it names no places."""
    return TargetRegion("both", target.edges, target.waves, target.lead)


def with_region(material: Material) -> Bool[np.ndarray, " ecg"]:
    """Whether an ECG has all the places of the target; NotApplicable as for `region_of`."""
    return np.any(region_of(material.target).times(material.segments), axis=1)


def shown_beside(material: Material, place: int, view: str, number: int) -> tuple[str, ...]:
    """As many names as asked for: random, the other controls that lie elsewhere, random 2 …"""
    controls = {name: maps[place] for name, maps in material.controls.items() if name != RANDOM}
    region = region_of(material.target).points(material.segments[[place]])[0]
    elsewhere = [name for name, one in controls.items() if _within(one, region, view) < MOST_WITHIN]
    further = (f"{RANDOM} {k}" for k in range(2, number + 1))
    return (RANDOM, *elsewhere, *further)[:number]


def maps_of(material: Material, item: Item) -> Mapping[str, Float[np.ndarray, "12 time"]]:
    """The map of each of the item's methods of its ECG, whether a method's or made for a catch.

    Raises ValueError for a name that is neither.
    """
    place = material.ecgs.index(item.ecg)
    return {name: _map(material, place, name) for name in item.methods}


def _map(material: Material, place: int, name: str) -> Float[np.ndarray, "12 time"]:
    kept = {**material.controls, **material.heatmaps}
    if name in kept:
        return kept[name][place]
    if name == PLANTED:
        return planted(material, place)
    if name.split(" ")[0] != RANDOM:
        raise ValueError(f"expected a map of {', '.join(kept)}, got {name!r}")
    draw = stream("map", material.target.name, material.ecgs[place], name)
    return draw.standard_normal(material.x.shape[1:], np.float32)


def _within(
    heatmap: Float[np.ndarray, "12 time"], region: Bool[np.ndarray, "12 time"], view: str
) -> float:
    """The share of what is seen of a map that lies in the region."""
    if view == "averaged":
        heatmap, region = averaged(heatmap)[None], np.any(region, axis=0, keepdims=True)
    return float(relevance_mass(np.abs(heatmap).reshape(1, -1), region.reshape(1, -1))[0])
