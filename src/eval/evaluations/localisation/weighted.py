"""Precision and recall weighted by saliency, along the share of saliency that is looked at.

Ismail 2020 (section 4.2 and the published code): |map| is scaled to 0…1 by its minimum and maximum;
at a share p its positives are the fewest largest points that hold p of all saliency. Precision is
what of their saliency lies in the region, recall what of the region's saliency they hold.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from .order import Maps, PerEcg, Region, ranked, where_there_is_one

SHARES = np.arange(1, 10) / 10  # 10, 20 … 90 %, as published
# The published areas over these shares reach 0.8 at most: divided by it, precision reaches 1.
WIDTH = float(SHARES[-1] - SHARES[0])
ROUNDING = 1e-12  # of the sum: 3 of 10 equal points hold 30 %


class Areas(NamedTuple):
    """Areas under precision, under recall, and under precision against recall."""

    aup: PerEcg
    aur: PerEcg
    aupr: PerEcg


def weighted_areas(maps: Maps, region: Region) -> Areas:
    """AUP, AUR and AUPR of each map, each divided by the width of the shares.

    Equal values stand in random order: the areas are those of the expected curves. A region
    without saliency is recalled to 0; a constant map is one of equal values.
    """
    precision, recall = curves(maps, region)
    areas = (
        np.trapezoid(precision, SHARES),
        np.trapezoid(recall, SHARES),
        np.trapezoid(precision, recall, axis=1),
    )
    return Areas(*(where_there_is_one(one / WIDTH, region) for one in areas))


def curves(
    maps: Maps, region: Region
) -> tuple[Float[np.ndarray, "ecg share"], Float[np.ndarray, "ecg share"]]:
    """Weighted precision and recall at each of SHARES."""
    saliency, shares = ranked(_scaled(maps), region)
    held, hit = saliency.cumsum(1), (saliency * shares).cumsum(1)
    wanted = SHARES * (1 - ROUNDING) * held[:, -1:]
    last = (held[:, :, None] < wanted[:, None]).sum(1)
    true = np.take_along_axis(hit, last, 1)
    of_region = hit[:, -1:]
    recall = np.divide(true, of_region, out=np.zeros_like(true), where=of_region > 0)
    return true / np.take_along_axis(held, last, 1), recall


def _scaled(maps: Maps) -> Maps:
    sizes = np.abs(maps).astype(np.float64)
    low, high = sizes.min(1, keepdims=True), sizes.max(1, keepdims=True)
    return np.divide(sizes - low, high - low, out=np.ones_like(sizes), where=high > low)
