"""Association of two numbers of each ECG, with intervals over patients."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from ...statistics.resampling import interval, resampled


class Estimated(NamedTuple):
    """A number with its 95 % interval over patients; NaN where it cannot be said."""

    value: float
    low: float
    high: float


# From the weight of each ECG in each replicate to a number of each replicate.
Statistic = Callable[[Float[np.ndarray, "replicate ecg"]], Float[np.ndarray, " replicate"]]
UNKNOWN = Estimated(np.nan, np.nan, np.nan)


def ranks(
    values: Float[np.ndarray, " ecg"], weights: Float[np.ndarray, "replicate ecg"]
) -> Float[np.ndarray, "replicate ecg"]:
    """Rank of each ECG, counted as often as its weight says; equal values share a rank."""
    _, group = np.unique(values, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    sums = np.add.reduceat(weights[:, order], starts, axis=1)
    return (np.cumsum(sums, axis=1) - sums / 2)[:, group]


def weighted_spearman(
    one: Float[np.ndarray, " ecg"],
    other: Float[np.ndarray, " ecg"],
    weights: Float[np.ndarray, "replicate ecg"],
) -> Float[np.ndarray, " replicate"]:
    """ρ in each replicate; NaN where one of both is constant."""
    total = weights.sum(1, keepdims=True)
    deviations = []
    for values in (one, other):
        placed = ranks(values, weights)
        deviations.append(placed - (weights * placed).sum(1, keepdims=True) / total)
    a, b = deviations
    products, *squares = ((weights * u * v).sum(1) for u, v in ((a, b), (a, a), (b, b)))
    length = np.sqrt(squares[0] * squares[1])
    return np.divide(products, length, out=np.full(len(length), np.nan), where=length > 0)


def weighted_ratio(
    values: Float[np.ndarray, " ecg"],
    upper: Bool[np.ndarray, " ecg"],
    lower: Bool[np.ndarray, " ecg"],
    weights: Float[np.ndarray, "replicate ecg"],
) -> Float[np.ndarray, " replicate"]:
    """The mean over the `upper` ECGs as a share of that over the `lower`; NaN without any."""
    above, below = (weighted_mean(values[each], weights[:, each]) for each in (upper, lower))
    return np.divide(above, below, out=np.full(len(weights), np.nan), where=below != 0)


def weighted_mean(
    values: Float[np.ndarray, " ecg"], weights: Float[np.ndarray, "replicate ecg"]
) -> Float[np.ndarray, " replicate"]:
    """The mean in each replicate; NaN where none of these ECGs was drawn."""
    total = weights.sum(1)
    return np.divide(weights @ values, total, out=np.full(len(total), np.nan), where=total > 0)


def estimated(
    statistic: Statistic,
    patients: Sequence[str],
    seed: int,
) -> Estimated:
    """`statistic` of the ECGs with its interval; UNKNOWN for fewer than 2 patients.

    It gets the weights of the ECGs, a replicate a row: patients are drawn with all their ECGs.
    """
    if len({*patients}) < 2:
        return UNKNOWN
    value = float(statistic(np.ones((1, len(patients))))[0])
    replicates = statistic(resampled(patients, seed))
    known = replicates[np.isfinite(replicates)]
    if not len(known) or np.isnan(value):
        return UNKNOWN
    (low,), (high,) = interval(known[None], len({*patients}))
    return Estimated(value, float(low), float(high))
