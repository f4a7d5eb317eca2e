"""Share of a map's positive relevance in the region."""

import numpy as np

from .order import Maps, PerEcg, Region, share_of, where_there_is_one


def relevance_mass(maps: Maps, region: Region) -> PerEcg:
    """Σ_G a⁺ / Σ a⁺ (Arras 2022, relevance mass accuracy): positive values alone, as published.

    A map without any says nothing and gets what a random one gets.
    """
    positive = np.maximum(maps, 0).astype(np.float64)
    within, all_of_it = (positive * region).sum(1), positive.sum(1)
    share = np.divide(within, all_of_it, out=share_of(region), where=all_of_it > 0)
    return where_there_is_one(share, region)
