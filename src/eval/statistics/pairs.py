"""All pairs of methods at once: the probability that any pair is as far apart, were all equal."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Bool, Float

DRAWS = 50_000  # p = 0.05 to ± 0.001
HALVINGS = 40  # a tail to 12 digits, more than DRAWS resolve


@dataclass(frozen=True)
class ResampledPairs:
    """Differences of pairs in one network, with the |t| of their replicates (max-type bootstrap).

    `alone` is the p of a pair by itself. A pair that is not `known`, because its replicates lack a
    spread, is judged by that p times the number of pairs.
    """

    mean: Float[np.ndarray, " pair"]
    t: Float[np.ndarray, " pair"]
    replicates: Float[np.ndarray, "pair replicate"]
    known: Bool[np.ndarray, " pair"]
    alone: Float[np.ndarray, " pair"]

    def p(self, among: Bool[np.ndarray, " pair"], methods: int) -> Float[np.ndarray, " pair"]:
        """p of each pair in the test of those `among`; 1 for the others."""
        used, count = among & self.known, self.replicates.shape[-1]
        largest = np.sort(self.replicates[used].max(0, initial=0.0))
        beyond = count - np.searchsorted(largest, self.t, "left")
        p = np.where(self.known, (beyond + 1) / (count + 1), self.alone * among.sum())
        return np.where(among, np.minimum(p, 1), 1.0)


@dataclass(frozen=True)
class CrossedPairs:
    """Differences of pairs over several networks, with the networks' share of their variance."""

    mean: Float[np.ndarray, " pair"]
    t: Float[np.ndarray, " pair"]
    share: Float[np.ndarray, " pair"]
    networks: int
    patients: int

    def p(self, among: Bool[np.ndarray, " pair"], methods: int) -> Float[np.ndarray, " pair"]:
        """p of each pair in the test of those `among`, which are of so many methods; else 1.

        The quantile is that of the studentized range / √2 for networks and for patients, weighted
        by their shares of the variance: for two methods, that of Crossed without its skewness.
        """
        of_networks, of_patients = (
            range_quantiles(methods, count - 1) for count in (self.networks, self.patients)
        )
        low, high = np.zeros_like(self.t), np.ones_like(self.t)
        tails = np.arange(1, DRAWS + 1) / (DRAWS + 1)
        for _ in range(HALVINGS):
            tail = (low + high) / 2
            quantile = self.share * np.interp(tail, tails, of_networks)
            quantile += (1 - self.share) * np.interp(tail, tails, of_patients)
            further = quantile > self.t
            low, high = np.where(further, tail, low), np.where(further, high, tail)
        return np.where(among, high, 1.0)


Pairs = ResampledPairs | CrossedPairs


@cache
def range_quantiles(methods: int, freedom: int) -> Float[np.ndarray, " draw"]:
    """Largest |t| among all pairs of independent equal methods, from the largest draw down.

    Studentized range / √2. Simulated with one seed: scipy.stats.studentized_range takes 0.2 s for a
    quantile, and a p needs forty of them for each number of methods.
    """
    random = np.random.default_rng(0)
    z = random.normal(size=(DRAWS, methods))
    spread = np.sqrt(random.chisquare(freedom, DRAWS) / freedom)
    return np.sort(np.ptp(z, axis=1) / spread / np.sqrt(2))[::-1]
