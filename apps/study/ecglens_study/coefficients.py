"""Coefficients of agreement between raters, for nominal categories and for ratings, with words.

Ratings are category codes with shape (rater, item); −1 marks a missing rating. Optional weights
have shape (replicate, item): how often each bootstrap replicate drew the item. The result has one
value per replicate; without weights there is one, and each item counts once. If all ratings fall
in one category, κ of a pair and α are 0/0; they count as 1 and are marked, as in Storås 2025.
"""

import math
from collections.abc import Callable
from itertools import combinations
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

MISSING = -1
Ratings = Int[np.ndarray, "rater item"]
Weights = Float[np.ndarray, "replicate item"]
# Upper ends, as Storås 2025 print them after Landis & Koch 1977.
BINS = ((0.0, "none"), (0.20, "slight"), (0.40, "fair"), (0.60, "moderate"), (0.80, "substantial"))


class Coefficient(NamedTuple):
    """One value per replicate, NaN if no item has two ratings; `one_category` marks 0/0."""

    value: Float[np.ndarray, " replicate"]
    one_category: Bool[np.ndarray, " replicate"]


def cohen_kappa(ratings: Ratings, weights: Weights | None = None) -> Coefficient:
    """Cohen's κ (Cohen 1960, equation 1); for several raters the mean over pairs (Light 1971).

    A pair is compared on the items that both rated and weighted by their number, which departs
    from Light only where ratings are missing. The mean is marked if any of its pairs is 0/0.
    """
    return _over_pairs(ratings, _weights(ratings, weights), _cohen)


def mean_kappa(ratings: Ratings) -> float:
    """Value of `cohen_kappa` without weights, by products of matrices instead of pair by pair.

    NaN if no item has two ratings. Raises ValueError for fewer than two raters.
    """
    _weights(ratings, None)
    rated = (ratings != MISSING).astype(float)
    own = (ratings[..., None] == np.arange(_last(ratings) + 1)).astype(float)
    first, second = np.triu_indices(len(ratings), 1)
    total = (rated @ rated.T)[first, second]
    flat = own.reshape(len(ratings), -1)
    equal = (flat @ flat.T)[first, second]
    # How often rater a used each category on the items that rater b rated, too.
    used = np.einsum("aic,bi->abc", own, rated, optimize=True)
    by_chance = (used[first, second] * used[second, first]).sum(-1)
    shared = total > 0
    agreed, chance = equal[shared] / total[shared], by_chance[shared] / total[shared] ** 2
    return float(mean_by_items(_above_chance(agreed, chance).value, total[shared]))


def weighted_kappa(ratings: Ratings, weights: Weights | None = None) -> Coefficient:
    """κ with quadratic weights of disagreement (Cohen 1968), for codes at equal distances.

    Pairs of raters are treated as by `cohen_kappa`.
    """
    return _over_pairs(ratings, _weights(ratings, weights), _quadratic)


def _over_pairs(
    ratings: Ratings,
    weights: Weights,
    of_pair: Callable[[Int[np.ndarray, "two item"], Weights], Coefficient],
) -> Coefficient:
    pairs = [ratings[[a, b]] for a, b in combinations(range(len(ratings)), 2)]
    found = [of_pair(pair, weights) for pair in pairs]
    items = [weights[:, (pair != MISSING).all(0)].sum(1) for pair in pairs]
    mean = mean_by_items(np.stack([each.value for each in found]), np.stack(items))
    return Coefficient(mean, np.any([each.one_category for each in found], axis=0))


def mean_by_items(
    values: Float[np.ndarray, "part *replicate"], items: Float[np.ndarray, "part *replicate"]
) -> Float[np.ndarray, "*replicate"]:
    """Mean over parts (pairs of raters, or raters), weighted by the items that each compares.

    One item in common says little: unweighted, it would count as much as all items of two other
    raters. Parts without a value are left out; NaN if no part has one.
    """
    known = np.isfinite(values)
    weights = np.where(known, items, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (np.where(known, values, 0) * weights).sum(0) / weights.sum(0)


def cohen_kappas(studies: Int[np.ndarray, "study rater item"]) -> Float[np.ndarray, " study"]:
    """Cohen's κ of many studies at once, without missing ratings."""
    size = int(studies.max(initial=0)) + 1
    place = np.arange(len(studies))[:, None] * size**2
    found = []
    for a, b in combinations(range(studies.shape[1]), 2):
        cells = place + studies[:, a] * size + studies[:, b]
        counts = np.bincount(cells.ravel(), minlength=len(studies) * size**2)
        shares = counts.reshape(-1, size, size) / studies.shape[2]
        agreed = np.trace(shares, axis1=1, axis2=2)
        found.append(_above_chance(agreed, (shares.sum(1) * shares.sum(2)).sum(1)).value)
    return np.mean(found, axis=0)


def percent_agreement(ratings: Ratings, weights: Weights | None = None) -> Coefficient:
    """Share of equal pairs among the ratings of an item, mean over items (Fleiss 1971)."""
    counts, weights = _pairable(ratings, weights)
    shares = _equal(counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = weights @ shares / weights.sum(1)
    return Coefficient(value, np.zeros(len(value), bool))


def gwet_ac1(ratings: Ratings, categories: int, weights: Weights | None = None) -> Coefficient:
    """Gwet's AC1 for any number of raters (Gwet 2008).

    `categories` is the number of possible categories, chosen or not. Raises ValueError if it is
    below 2 or below the number of chosen ones.
    """
    counts = _counts(ratings)
    if categories < max(2, counts.shape[1]):
        raise ValueError(
            f"expected at least 2 and at least the {counts.shape[1]} categories rated, "
            f"got {categories}"
        )
    weights = _weights(ratings, weights)
    agreed = percent_agreement(ratings, weights).value
    rated = counts.sum(1) > 0
    with np.errstate(invalid="ignore"):
        mean = counts[rated] / counts[rated].sum(1, keepdims=True)
        share = weights[:, rated] @ mean / weights[:, rated].sum(1, keepdims=True)
    chance = (share * (1 - share)).sum(1) / (categories - 1)
    return Coefficient((agreed - chance) / (1 - chance), np.zeros(len(agreed), bool))


def krippendorff_alpha(ratings: Ratings, weights: Weights | None = None) -> Coefficient:
    """Krippendorff's α for nominal data, with missing ratings (Krippendorff 2011, part C)."""
    counts, weights = _pairable(ratings, weights)
    rated = counts.sum(1)
    number, of_each = weights @ rated, weights @ counts
    apart = number - weights @ (_equal(counts) * rated)
    by_chance = number**2 - (of_each**2).sum(1)
    # Rounding errors of the weighted sums remain if all ratings fall in one category.
    one = (by_chance <= 1e-9 * number**2) & (number > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(one, 1.0, 1 - (number - 1) * apart / by_chance)
    return Coefficient(value, one)


def _cohen(pair: Int[np.ndarray, "two item"], weights: Weights) -> Coefficient:
    both = np.asarray((pair != MISSING).all(0))
    kept, weights = pair[:, both], weights[:, both]
    total = weights.sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        agreed = weights @ (kept[0] == kept[1]).astype(float) / total
        first, second = (weights @ _one_hot(each, _last(pair)) / total[:, None] for each in kept)
    return _above_chance(agreed, (first * second).sum(1))


def _quadratic(pair: Int[np.ndarray, "two item"], weights: Weights) -> Coefficient:
    """1 − observed / expected squared distance, the latter from each rater's own use of codes."""
    both = np.asarray((pair != MISSING).all(0))
    first, second = pair[:, both].astype(float)
    weights = weights[:, both]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = weights / weights.sum(1, keepdims=True)
        apart = share @ (first - second) ** 2
        by_chance = share @ (first**2 + second**2) - 2 * (share @ first) * (share @ second)
        one = np.asarray((by_chance < 1e-12) & (weights.sum(1) > 0))
        return Coefficient(np.where(one, 1.0, 1 - apart / by_chance), one)


def _above_chance(
    agreed: Float[np.ndarray, " replicate"], chance: Float[np.ndarray, " replicate"]
) -> Coefficient:
    """(agreed − chance) / (1 − chance); 0/0 gives 1."""
    one = np.asarray(1 - chance < 1e-12)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(one, 1.0, (agreed - chance) / (1 - chance))
    return Coefficient(value, one)


def _equal(counts: Float[np.ndarray, "item category"]) -> Float[np.ndarray, " item"]:
    """Share of equal pairs among the ratings of each item; each item has at least two ratings."""
    rated = counts.sum(1)
    return (counts * (counts - 1)).sum(1) / (rated * (rated - 1))


def _pairable(
    ratings: Ratings, weights: Weights | None
) -> tuple[Float[np.ndarray, "kept category"], Float[np.ndarray, "replicate kept"]]:
    counts = _counts(ratings)
    kept = counts.sum(1) > 1
    return counts[kept], _weights(ratings, weights)[:, kept]


def _counts(ratings: Ratings) -> Float[np.ndarray, "item category"]:
    return np.sum([_one_hot(each, _last(ratings)) for each in ratings], axis=0)


def _one_hot(codes: Int[np.ndarray, " item"], last: int) -> Float[np.ndarray, "item category"]:
    return (codes[:, None] == np.arange(last + 1)).astype(float)


def _last(ratings: Ratings) -> int:
    return int(ratings.max(initial=0))


def _weights(ratings: Ratings, weights: Weights | None) -> Weights:
    if len(ratings) < 2:
        raise ValueError(f"expected ratings of at least 2 raters, got {len(ratings)}")
    return np.ones((1, ratings.shape[1])) if weights is None else weights


def strength(kappa: float) -> str:
    """Word for a coefficient rounded to two decimals; "" for NaN."""
    if math.isnan(kappa):
        return ""
    printed = round(kappa, 2)
    if printed >= 1:
        return "perfect"
    return next((word for end, word in BINS if printed <= end), "near perfect")
