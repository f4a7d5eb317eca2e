"""Whether methods differ at all: Friedman's test on their ranks in each patient, and how far."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float
from scipy import stats

from .comparison import LEVEL


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
    ranks = stats.rankdata(-scores, axis=0)
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
    return float(stats.studentized_range.ppf(1 - LEVEL, methods, np.inf) / np.sqrt(2))
