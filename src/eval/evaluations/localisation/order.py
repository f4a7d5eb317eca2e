"""A map's points from the largest value to the smallest, with ties that favour nobody."""

import numpy as np
from jaxtyping import Bool, Float

Maps = Float[np.ndarray, "ecg point"]
Region = Bool[np.ndarray, "ecg point"]
PerEcg = Float[np.ndarray, " ecg"]


def ranked(maps: Maps, region: Region) -> tuple[Maps, Maps]:
    """Values of each map, falling, and beside each the share of its equals that lie in the region.

    Summed over the first n points, the shares are the expected number of hits when equal values
    stand in random order: no score depends on where they lie in memory.
    """
    order = np.argsort(-maps, axis=1, kind="stable")
    values = np.take_along_axis(maps, order, 1)
    hits = np.take_along_axis(region, order, 1)
    new = np.diff(values, axis=1, prepend=np.inf) != 0
    equals = new.ravel().cumsum() - 1
    share = np.bincount(equals, hits.ravel()) / np.bincount(equals)
    return values, share[equals].reshape(maps.shape)


def where_there_is_one(scores: PerEcg, region: Region) -> PerEcg:
    """NaN for an ECG without a region: nothing can lie in it."""
    return np.where(region.any(1), scores, np.nan)


def share_of(region: Region) -> PerEcg:
    """The share of an ECG's points that lie in the region."""
    return region.mean(1)
