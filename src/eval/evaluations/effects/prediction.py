"""Change of the output between two ECGs as their maps predict it, and how well it fits.

The rules of docs/effects.md, written before anything was measured.
"""

import numpy as np
from jaxtyping import Float, Float64

# Below this share of an ECG's largest |Δf| a change has no sign worth asking for.
LEAST = 0.01

Maps = Float[np.ndarray, "pair ecg lead time"]
PerPair = Float64[np.ndarray, "pair ecg"]


def predicted(before: Maps, after: Maps, change: Maps, slope: bool) -> PerPair:
    """Σ ½(a₀ + a₁)·Δx for a slope, Σ (a₁ − a₀) where Δx ≠ 0 for a contribution; in float64."""
    before, after = before.astype(np.float64), after.astype(np.float64)
    terms = (before + after) / 2 * change if slope else (after - before) * (change != 0)
    return terms.sum((2, 3))


def share_moved(before: Maps, after: Maps, change: Maps) -> PerPair:
    """The share of |a|, of both ECGs together, on the points that moved; NaN for maps of 0."""
    size = np.abs(before.astype(np.float64)) + np.abs(after)
    total = size.sum((2, 3))
    moved = (size * (change != 0)).sum((2, 3))
    return np.divide(moved, total, out=np.full_like(total, np.nan), where=total > 0)


def cosine(predicted: PerPair, moved: PerPair) -> Float64[np.ndarray, " ecg"]:
    """Σ p·Δf / (‖p‖‖Δf‖) over the pairs that there are: 0 where p is 0, NaN where Δf is."""
    lengths = np.sqrt(np.nansum(predicted**2, 0) * np.nansum(moved**2, 0))
    product = np.nansum(predicted * moved, 0)
    value = np.divide(product, lengths, out=np.zeros_like(product), where=lengths > 0)
    return np.where(np.nansum(moved**2, 0) > 0, value, np.nan)


def same_sign(predicted: PerPair, moved: PerPair) -> Float64[np.ndarray, " ecg"]:
    """The share of pairs whose sign is right, half for a 0, of those with a large enough |Δf|."""
    size = np.abs(moved)
    largest = np.nanmax(np.where(np.isfinite(size), size, 0), 0)
    large = np.isfinite(size) & (size >= LEAST * largest) & (largest > 0)
    points = (1 + np.sign(predicted) * np.sign(moved)) / 2
    count = large.sum(0)
    total = np.where(large, points, 0).sum(0)
    return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)


def weighted(shares: PerPair, moved: PerPair) -> Float64[np.ndarray, " ecg"]:
    """The mean share over pairs, weighted by |Δf|; NaN where nothing moved or a map is 0."""
    size = np.abs(moved)
    there = np.isfinite(shares) & np.isfinite(size)
    total = np.where(there, size, 0).sum(0)
    sums = np.where(there, shares * size, 0).sum(0)
    return np.divide(sums, total, out=np.full_like(total, np.nan), where=total > 0)


def pair_scores(
    expected: PerPair, shares: PerPair, moved: PerPair
) -> dict[str, Float64[np.ndarray, " ecg"]]:
    """Measures of each ECG by name, from `predicted`, `share_moved` and Δf; NaN without a pair."""
    return {
        "cosine": cosine(expected, moved),
        "sign": same_sign(expected, moved),
        "moved": weighted(shares, moved),
    }
