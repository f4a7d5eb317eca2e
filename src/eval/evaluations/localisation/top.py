"""The N largest values of a map against a region of N points."""

import numpy as np
from scipy import stats

from .order import Maps, PerEcg, Region, ranked, where_there_is_one


def relevance_rank(maps: Maps, region: Region) -> PerEcg:
    """|Top_N ∩ G| / N (Arras 2022, relevance rank accuracy). Signed, as published.

    The expected value over the orders of equal values.
    """
    _, shares = ranked(maps, region)
    size = region.sum(1)
    first = np.arange(maps.shape[1]) < size[:, None]
    return where_there_is_one((shares * first).sum(1) / np.maximum(size, 1), region)


def top_iou(maps: Maps, region: Region) -> PerEcg:
    """|Top_N ∩ G| / |Top_N ∪ G| (Suh 2022, localization score). Signed, as published.

    The expected value over the orders of equal values: the number of hits among those that stand
    around the N-th place is hypergeometric.
    """
    values, _ = ranked(maps, region)
    size = region.sum(1)
    last = np.take_along_axis(values, np.maximum(size - 1, 0)[:, None], 1)
    above, equal = maps > last, maps == last
    counts = np.stack(
        [
            size,
            (above & region).sum(1),
            equal.sum(1),
            (equal & region).sum(1),
            size - above.sum(1),
        ],
        axis=1,
    )
    return where_there_is_one(np.array([_expected_iou(*one) for one in counts.tolist()]), region)


def _expected_iou(size: int, sure: int, equal: int, in_region: int, taken: int) -> float:
    """`taken` of `equal` points, of which `in_region` are hits, beside `sure` hits."""
    if size == 0:
        return 0.0
    more = np.arange(min(taken, in_region) + 1)
    probability = stats.hypergeom.pmf(more, equal, in_region, taken)
    hits = sure + more
    return float((probability * hits / (2 * size - hits)).sum())
