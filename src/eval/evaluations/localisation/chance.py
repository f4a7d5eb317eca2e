"""Score of a map without any knowledge, in closed form: all orders of its values are as probable.

AUR and AUPR have no closed form: they depend on how the values are spread.
"""

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Bool

from .order import PerEcg, Region, share_of
from .top import top_iou


def of_top_iou(region: Region) -> PerEcg:
    """The mean over all orders: that of a map whose points are equal."""
    return top_iou(np.zeros(region.shape, np.float32), region)


CHANCES: Mapping[str, Callable[[Region], PerEcg]] = {
    "pointing_game": share_of,
    "top_iou": of_top_iou,
    "relevance_rank": share_of,
    "relevance_mass": share_of,
    "aup": share_of,
}


def chance_of(name: str, region: Region) -> float | None:
    """The mean over the ECGs that have a region; None where no closed form is known."""
    there = region[region.any(1)]
    if name not in CHANCES or not len(there):
        return None
    return float(CHANCES[name](there).mean())


def temporal_chance(moments: Bool[np.ndarray, "ecg moment"]) -> float | None:
    """Score of a level profile: the root of the region's share of the moments."""
    there = moments[moments.any(1)]
    return float(np.sqrt(there.mean(1)).mean()) if len(there) else None
