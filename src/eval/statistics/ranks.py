"""Statistics of ranks: agreement of orders, AUROC and the Friedman test."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Real

from .comparison import LEVEL
from .resampling import resampled_means


class Agreement(NamedTuple):
    """Kendall's τ-b between two orders of the methods, with its 95 % interval."""

    tau: float
    low: float
    high: float


def agreement(
    one: np.ndarray,  # (method, ecg), checked in words
    other: np.ndarray,
    patients: Sequence[str],
    seed: int = 0,
) -> Agreement:
    """τ-b between the mean scores that two metrics give to the same methods on the same ECGs.

    The methods are these; what the interval speaks of is other patients (percentiles of 2000
    draws of them). Near 1 it lies below τ more than above: chance can only part equal orders.
    Raises ValueError for fewer than 2 methods or patients.
    """
    if one.shape != other.shape or len(one) < 2:
        raise ValueError(
            "expected two metrics of the same 2 or more methods and ECGs, "
            f"got {one.shape} and {other.shape}"
        )
    each = (resampled_means(values, patients, seed).T for values in (one, other))
    drawn = kendall(*each)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Agreement(float(kendall(one.mean(1), other.mean(1))), float(low), float(high))


def kendall(
    one: Float[np.ndarray, "*series method"], other: Float[np.ndarray, "*series method"]
) -> Float[np.ndarray, "*series"]:
    """Kendall's τ-b of each pair of rows (Kendall 1945); NaN where all of a row are equal."""
    first, second = np.triu_indices(one.shape[-1], 1)
    a = np.sign(one[..., first] - one[..., second])
    b = np.sign(other[..., first] - other[..., second])
    with np.errstate(invalid="ignore"):
        return np.asarray((a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1)))


def average_ranks(values: Float[np.ndarray, "*series value"]) -> Float[np.ndarray, "*series value"]:
    """Rank of each value in its row from 1, the smallest; equal values share their average rank.

    Those of scipy.stats.rankdata, whose stable sort takes five times as long: which of equal values
    comes first does not matter. NaN for a row with a NaN.
    """
    if not values.size:
        return values.astype(np.float64)
    width, flat = values.shape[-1], values.ravel()
    rows = np.arange(0, flat.size, width)
    order = (flat.reshape(-1, width).argsort(axis=-1) + rows[:, None]).ravel()
    rising = flat[order]  # each row in its own order; sorting it again takes longer
    first = np.empty(flat.size, bool)  # of each run of equal values
    np.not_equal(rising[1:], rising[:-1], out=first[1:])
    first[rows] = True
    starts = np.flatnonzero(first)
    lengths = np.diff(starts, append=flat.size)
    ranks = np.empty(flat.size)
    ranks[order] = (starts % width + (lengths + 1) / 2).repeat(lengths)
    # NaN come last.
    ranks.reshape(-1, width)[np.isnan(rising[rows + width - 1])] = np.nan
    return ranks.reshape(values.shape)


def won(
    score: Float[np.ndarray, "*series ecg"], positive: Bool[np.ndarray, " ecg"]
) -> Float[np.ndarray, "*series ecg"]:
    """Number of ECGs of the other class that each ECG is on the right side of; equal ones half."""
    own = np.empty(score.shape)
    for side in (positive, ~positive):
        own[..., side] = average_ranks(score[..., side])
    below = average_ranks(score) - own
    return np.where(positive, below, positive.sum() - below)


def auroc_values(
    won: Float[np.ndarray, "*series ecg"],
    compared: Real[np.ndarray, " ecg"],
    positive: Bool[np.ndarray, " ecg"],
) -> Float[np.ndarray, "*series ecg"]:
    """A value for each ECG whose mean is the AUROC, by what each won of what it was compared with.

    They are its linearisation, DeLong's structural components where every pair is compared.
    """
    pairs = compared[positive].sum()
    auroc = won[..., positive].sum(-1, keepdims=True) / pairs
    return auroc + len(positive) * (won - auroc * compared) / pairs


@dataclass(frozen=True)
class Friedman:
    """The mean rank of each method (1 is the highest score) over patients, and the test on them.

    What a critical-difference figure is drawn from (Demšar 2006, figure 1).
    """

    methods: tuple[str, ...]
    mean_ranks: Float[np.ndarray, " method"]
    blocks: int  # patients that methods were ranked in
    statistic: float
    p: float

    @property
    def critical_difference(self) -> float:
        """Mean ranks that differ by less cannot be told apart (Nemenyi; Demšar 2006, 3.2.2)."""
        count = len(self.methods)
        return nemenyi_quantile(count) * np.sqrt(count * (count + 1) / (6 * self.blocks))

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The longest runs of methods, best first, whose mean ranks cannot be told apart."""
        order = self.mean_ranks.argsort(kind="stable")
        ranks, found = self.mean_ranks[order], []
        last = 0
        for first in range(len(order)):
            end = int(np.searchsorted(ranks, ranks[first] + self.critical_difference, "left"))
            if end - first > 1 and end > last:
                found.append(tuple(self.methods[method] for method in order[first:end]))
            last = max(last, end)
        return tuple(found)


def friedman(methods: Sequence[str], scores: Float[np.ndarray, "method patient"]) -> Friedman:
    """Friedman's χ² of the ranks of the methods in each patient, corrected for ties (1937).

    Raises ValueError for fewer than 2 methods or patients.
    """
    count, blocks = scores.shape
    if min(count, blocks) < 2:
        raise ValueError(
            f"expected at least 2 methods and 2 patients to rank, got {count} and {blocks}"
        )
    from scipy import stats  # takes a second

    ranks = average_ranks(-scores.T).T
    mean = ranks.mean(1)
    middle = (count + 1) / 2
    # The spread that ranks without ties have is count(count + 1)/12; ties leave less of it.
    spread = ((ranks - middle) ** 2).sum() / (blocks * (count - 1))
    statistic = float(blocks * ((mean - middle) ** 2).sum() / spread) if spread > 0 else 0.0
    p = float(stats.chi2.sf(statistic, count - 1))
    return Friedman(tuple(methods), mean, blocks, statistic, p)


@cache
def nemenyi_quantile(methods: int) -> float:
    """The studentized range's quantile over √2 (Demšar 2006, table 5a)."""
    from scipy import stats  # takes a second

    return float(stats.studentized_range.ppf(1 - LEVEL, methods, np.inf) / np.sqrt(2))
