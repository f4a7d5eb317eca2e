"""Scores of a map against a region of points or of moments.

Precision and recall weighted by saliency follow Ismail 2020 (section 4.2 and the published code):
|map| is scaled to 0…1 by its minimum and maximum; at a share p its positives are the fewest largest
points that hold p of all saliency. Precision is the share of their saliency inside the region,
recall the share of the region's saliency that they hold.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from ecglens.eval.heatmaps import MOMENTS, windows
from jaxtyping import Bool, Float

Maps = Float[np.ndarray, "ecg point"]
Region = Bool[np.ndarray, "ecg point"]
Scores = Float[np.ndarray, " ecg"]


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


def where_there_is_one(scores: Scores, region: Region) -> Scores:
    """NaN for an ECG without a region: nothing can lie in it."""
    return np.where(region.any(1), scores, np.nan)


def share_of(region: Region) -> Scores:
    """The share of an ECG's points that lie in the region."""
    return region.mean(1)


def relevance_mass(maps: Maps, region: Region) -> Scores:
    """Σ_G a⁺ / Σ a⁺ (Arras 2022, relevance mass accuracy): positive values alone, as published.

    A map without any says nothing and gets what a random one gets.
    """
    positive = np.maximum(maps, 0).astype(np.float64)
    within, all_of_it = (positive * region).sum(1), positive.sum(1)
    share = np.divide(within, all_of_it, out=share_of(region), where=all_of_it > 0)
    return where_there_is_one(share, region)


def pointing_game(maps: Maps, region: Region) -> Scores:
    """1 where the largest value lies in the region, else 0.

    Signed, as published: the largest value speaks for a larger output. Where several are largest,
    the share of them that lies there: an empty map gets what a random one gets.
    """
    largest = maps == maps.max(1, keepdims=True)
    hits = (largest & region).sum(1) / largest.sum(1)
    return where_there_is_one(hits, region)


def relevance_rank(maps: Maps, region: Region) -> Scores:
    """|Top_N ∩ G| / N (Arras 2022, relevance rank accuracy). Signed, as published.

    The expected value over the orders of equal values.
    """
    _, shares = ranked(maps, region)
    size = region.sum(1)
    first = np.arange(maps.shape[1]) < size[:, None]
    return where_there_is_one((shares * first).sum(1) / np.maximum(size, 1), region)


def top_iou(maps: Maps, region: Region) -> Scores:
    """|Top_N ∩ G| / |Top_N ∪ G| (Suh 2022, localization score). Signed, as published.

    The expected value over the orders of equal values: the number of hits among those that stand
    around the N-th place is hypergeometric.
    """
    values, _ = ranked(maps, region)
    size = region.sum(1)
    last = np.take_along_axis(values, np.maximum(size - 1, 0)[:, None], 1)
    above, equal = maps > last, maps == last
    counts = np.stack(
        [size, (above & region).sum(1), equal.sum(1), (equal & region).sum(1), size - above.sum(1)],
        axis=1,
    )
    return where_there_is_one(np.array([_expected_iou(*one) for one in counts.tolist()]), region)


def _expected_iou(size: int, sure: int, equal: int, in_region: int, taken: int) -> float:
    """`taken` of `equal` points, of which `in_region` are hits, beside `sure` hits."""
    if size == 0:
        return 0.0
    from scipy import stats  # takes a second

    more = np.arange(min(taken, in_region) + 1)
    probability = stats.hypergeom.pmf(more, equal, in_region, taken)
    hits = sure + more
    return float((probability * hits / (2 * size - hits)).sum())


SHARES = np.arange(1, 10) / 10  # 10, 20 … 90 %, as published
# The published areas over these shares reach 0.8 at most: divided by it, precision reaches 1.
SHARE_RANGE = float(SHARES[-1] - SHARES[0])
ROUNDING = 1e-12  # of the sum: 3 of 10 equal points hold 30 %


class Areas(NamedTuple):
    """Areas under precision, under recall, and under precision against recall."""

    aup: Scores
    aur: Scores
    aupr: Scores


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
    return Areas(*(where_there_is_one(one / SHARE_RANGE, region) for one in areas))


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


def spatial_specificity(maps: Float[np.ndarray, "ecg lead time"], lead: int) -> Scores:
    """‖R_c‖₂ / ‖(‖R_l‖₂)_l‖₂ of the lead c: 1 when all relevance lies there.

    Chance is 1/√leads, which an empty map gets too. Signs do not count.
    """
    norms = np.linalg.norm(maps.astype(np.float64), axis=2)
    total = np.linalg.norm(norms, axis=1)
    chance = np.full(len(maps), norms.shape[1] ** -0.5)
    return np.divide(norms[:, lead], total, out=chance, where=total > 0)


def temporal_profile(
    heatmap: Float[np.ndarray, "lead time"], r_peaks: Sequence[int]
) -> Float[np.ndarray, " moment"]:
    """Profile of one ECG: L2 over the leads, mean over beats, unit norm; −300 … +500 ms from R.

    Beats that reach beyond the signal are left out; NaN when none is left. An empty map is the
    same at every moment.
    """
    cuts = windows(np.linalg.norm(heatmap.astype(np.float64), axis=0), r_peaks)
    if not len(cuts):
        return np.full(len(MOMENTS), np.nan)
    mean = cuts.mean(0)
    length = np.linalg.norm(mean)
    return mean / length if length > 0 else np.full(len(mean), len(mean) ** -0.5)


def temporal_specificity(
    profile: Float[np.ndarray, " moment"], region: Bool[np.ndarray, " moment"]
) -> float:
    """The norm of the profile within the region: 1 when all relevance lies then.

    Our own definition, after the spatial one. Chance is the root of the region's share of the
    moments; NaN without a region.
    """
    return float(np.linalg.norm(profile[region])) if region.any() else float("nan")
