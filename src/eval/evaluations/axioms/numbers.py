"""The axioms as numbers of each ECG; the rules of docs/axioms.md."""

import numpy as np
from jaxtyping import Float, Float64, Int

from ..sanity import spearman

Maps = Float[np.ndarray, "ecg lead time"]
PerEcg = Float64[np.ndarray, " ecg"]


def completeness_gap(maps: Maps, difference: Float[np.ndarray, " ecg"]) -> PerEcg:
    """|Σa − Δ| / (|Σa| + |Δ|), Δ = f(x) − f(baseline); NaN where both are 0."""
    total = maps.astype(np.float64).sum((1, 2))
    size = np.abs(total) + np.abs(difference)
    gap = np.abs(total - difference)
    return np.divide(gap, size, out=np.full_like(size, np.nan), where=size > 0)


def sensitivity_max(maps: Maps, noisy: Float[np.ndarray, "copy ecg lead time"]) -> PerEcg:
    """The largest ‖a(x + δ) − a(x)‖ / ‖a(x)‖ of the copies; captum divides by 1 where a is 0."""
    own = maps.astype(np.float64)
    length = np.linalg.norm(own.reshape(len(own), -1), axis=1)
    away = np.linalg.norm((noisy - own).reshape(*noisy.shape[:2], -1), axis=2)
    return (away / np.where(length > 0, length, 1.0)).max(0)


def alike(maps: Maps, others: Maps) -> PerEcg:
    """Spearman's ρ of two maps of each ECG, both absolute."""
    one, other = (np.abs(each).reshape(len(each), -1) for each in (maps, others))
    return spearman(one, other)


def share_of(maps: Maps, leads: Int[np.ndarray, " ecg"]) -> PerEcg:
    """The share of Σ|a| that lies in this lead of each ECG; NaN for a map of 0."""
    size = np.abs(maps.astype(np.float64)).sum(2)
    total = size.sum(1)
    part = size[np.arange(len(size)), leads]
    return np.divide(part, total, out=np.full_like(total, np.nan), where=total > 0)
