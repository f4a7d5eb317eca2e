"""Paired bootstrap over ECGs, its intervals and p-values, and Holm's correction.

An ECG's noise draws are averaged before ECGs are resampled: draws are nested in their ECG, and
resampling them as well would count their spread twice (Davison & Hinkley 1997, section 3.8).
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy import stats

REPLICATES = 2000  # as for the κ intervals of Storås 2025


def resampled(
    ecgs: int, seed: int, replicates: int = REPLICATES
) -> Float[np.ndarray, "replicate ecg"]:
    """The weight of each ECG in each replicate: its share of as many ECGs drawn anew.

    Raises ValueError for fewer than 2 ECGs.
    """
    if ecgs < 2:
        raise ValueError(f"expected at least 2 usable ECGs to rank methods on, got {ecgs}")
    random = np.random.default_rng(seed)
    return random.multinomial(ecgs, np.full(ecgs, 1 / ecgs), size=replicates) / ecgs


def bootstrap_means(
    values: Float[np.ndarray, "*series ecg"], weights: Float[np.ndarray, "replicate ecg"]
) -> Float[np.ndarray, "*series replicate"]:
    """Means over resampled ECGs; with the same weights, the same ECGs for every series: paired."""
    return values @ weights.T


def interval(
    replicates: Float[np.ndarray, "*series replicate"], ecgs: int, level: float = 0.95
) -> tuple[Float[np.ndarray, "*series"], Float[np.ndarray, "*series"]]:
    """Ends of the expanded percentile interval of a mean over `ecgs` ECGs.

    The plain percentile interval is too narrow for few ECGs by √((n−1)/n) and by the normal's
    quantile in place of Student's; both are made good in the percentiles (Hesterberg 2015).
    """
    quantile = stats.t.ppf((1 - level) / 2, ecgs - 1) * np.sqrt(ecgs / (ecgs - 1))
    tail = stats.norm.cdf(quantile)
    low, high = np.quantile(replicates, [tail, 1 - tail], axis=-1)
    return low, high


def p_values(
    replicates: Float[np.ndarray, "*series replicate"], ecgs: int
) -> Float[np.ndarray, "*series"]:
    """Two-sided p of "the mean is 0", below 0.05 where the 95 % interval leaves 0 out.

    The share of replicates on the far side of 0 is read as `interval` reads its percentiles, so
    that 2 or 3 ECGs, however alike, prove nothing.
    """
    count = replicates.shape[-1]
    below, above = (replicates <= 0).sum(-1), (replicates >= 0).sum(-1)
    # One is added to both, as no share of a finite number of replicates is known to be 0.
    share = np.minimum((np.minimum(below, above) + 1) / (count + 1), 0.5)
    statistic = stats.norm.ppf(share) * np.sqrt((ecgs - 1) / ecgs)
    return 2 * stats.t.cdf(statistic, ecgs - 1)


def holm(p: Sequence[float] | Float[np.ndarray, " test"]) -> Float[np.ndarray, " test"]:
    """p-values corrected for their number, step by step from the smallest (Holm 1979)."""
    p = np.asarray(p, float)
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(stepped, 1)
    return corrected
