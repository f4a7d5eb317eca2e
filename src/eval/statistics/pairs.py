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
    """Differences of pairs over several networks, with their mean squares.

    `more` is what networks add to the mean square of patients, below 0 where that is by chance.
    """

    mean: Float[np.ndarray, " pair"]
    patient_square: Float[np.ndarray, " pair"]
    more: Float[np.ndarray, " pair"]
    networks: int
    patients: int

    @property
    def t(self) -> Float[np.ndarray, " pair"]:
        """|t| of each pair by itself."""
        return self._t(np.maximum(self.more, 0))

    def p(self, among: Bool[np.ndarray, " pair"], methods: int) -> Float[np.ndarray, " pair"]:
        """p of each pair `among` those tested together, which belong to this many methods; else 1.

        The quantile is that of the studentized range / √2 for networks and for patients, weighted
        by their shares of the variance. What networks add is not taken lower than its mean over
        these pairs, which has (networks − 1)(methods − 1) degrees of freedom: the lowest of many
        estimates from few networks is low by chance, and would make its pair the surest.
        """
        mean_more = max(float(self.more[among].mean()), 0.0)
        own, more = self.more > mean_more, np.maximum(self.more, mean_more)
        total = self.patient_square + more
        share = np.divide(more, total, out=np.zeros_like(total), where=total > 0)
        freedom = self.networks - 1
        alone, pooled, of_patients = (
            range_quantiles(methods, each)
            for each in (freedom, freedom * (methods - 1), self.patients - 1)
        )
        t, tails = self._t(more), np.arange(1, DRAWS + 1) / (DRAWS + 1)
        low, high = np.zeros_like(t), np.ones_like(t)
        for _ in range(HALVINGS):
            tail = (low + high) / 2
            each = (np.interp(tail, tails, known) for known in (alone, pooled, of_patients))
            of_own, of_mean, of_patient = each
            quantile = share * np.where(own, of_own, of_mean) + (1 - share) * of_patient
            low, high = np.where(quantile > t, tail, low), np.where(quantile > t, high, tail)
        return np.where(among, high, 1.0)

    def _t(self, more: Float[np.ndarray, " pair"]) -> Float[np.ndarray, " pair"]:
        error = np.sqrt((self.patient_square + more) / (self.networks * self.patients))
        return np.divide(np.abs(self.mean), error, out=np.zeros_like(error), where=error > 0)


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
