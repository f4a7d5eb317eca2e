"""Student bootstrap over patients, and all pairs of methods at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, UInt8

from .resampling import (
    REPLICATES,
    PatientGroups,
    drawn_patients,
    interval,
    least_p,
    of_replicates,
    p_values,
)

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


# Holm multiplies the smallest p by the number of methods: with 250 replicates for each of them
# that product stays well below 0.05 for any number of methods.
REPLICATES_PER_METHOD = 250
# With more replicates without spread than this the 2.5 % quantile of their t values is not known.
WITHOUT_SPREAD = 0.001


class Studentized(NamedTuple):
    """Means, their standard errors, and replicates of both."""

    mean: Float[np.ndarray, "*series"]
    error: Float[np.ndarray, "*series"]
    means: Float[np.ndarray, "*series replicate"]
    t: Float[np.ndarray, "*series replicate"]  # (replicate − mean) / its own standard error
    known: Bool[np.ndarray, "*series"]  # whether the replicates have a spread


@dataclass(frozen=True)
class Bootstrap:
    """Bootstrap-t of means over the ECGs of resampled patients (Efron & Tibshirani 1993, 12.5).

    Every series is judged on the same replicates. A series whose replicates often have no spread
    (few patients, values that nearly all are equal) gets the expanded percentile interval.
    """

    patients: PatientGroups
    drawn: UInt8[np.ndarray, "replicate patient"]  # how often each replicate has each patient

    @classmethod
    def of(cls, methods: int, patients: Sequence[str], seed: int) -> "Bootstrap":
        """Resamples of the patients of these ECGs, enough for a correction over the methods."""
        return cls(PatientGroups.of(patients), drawn_patients(patients, seed, replicates(methods)))

    def interval(
        self, aucs: Float[np.ndarray, "*series 1 ecg"]
    ) -> tuple[Float[np.ndarray, "*series"], Float[np.ndarray, "*series"]]:
        """Both ends of the 95 % interval of the mean of each series."""
        found = self.studentized(aucs)
        lower, upper = np.quantile(found.t, [0.025, 0.975], axis=-1)
        low, high = interval(found.means, self.patients.count)
        return (
            np.where(found.known, found.mean - upper * found.error, low),
            np.where(found.known, found.mean - lower * found.error, high),
        )

    def p(self, differences: Float[np.ndarray, "*series 1 ecg"]) -> Float[np.ndarray, "*series"]:
        """Two-sided p of "the mean difference is 0", below 0.05 where the interval leaves 0 out."""
        found = self.studentized(differences)
        t = of_the_data(found)[..., None]
        beyond = np.minimum((found.t >= t).sum(-1), (found.t <= t).sum(-1))
        p = np.minimum(2 * (beyond + 1) / (len(self.drawn) + 1), 1)
        return np.where(found.known, p, p_values(found.means, self.patients.count))

    def pairs(self, differences: Float[np.ndarray, "pair 1 ecg"]) -> ResampledPairs:
        """Differences for a test of all of them at once."""
        found = self.studentized(differences)
        alone = p_values(found.means, self.patients.count)
        t = np.abs(of_the_data(found))
        return ResampledPairs(found.mean, t, np.abs(found.t), found.known, alone)

    def studentized(self, values: Float[np.ndarray, "*series 1 ecg"]) -> Studentized:
        """Means over ECGs and their replicates, each with the standard error of a ratio.

        The variance of the mean is Σ(sum − mean·size)² over patients, by ECGs² and times
        patients / (patients − 1) (Cochran 1977, section 6.3).
        """
        values, count = values[..., 0, :], self.patients.count
        sizes = self.patients.sizes.astype(float)
        mean = np.asarray(values.mean(-1))
        # Deviations from the mean: products of large values would lose the digits that count.
        sums = self.patients.sums(values - mean[..., None])
        few = count / (count - 1)
        error = np.sqrt(few * (sums**2).sum(-1)) / sizes.sum()
        ecgs = of_replicates(sizes, self.drawn)
        apart = of_replicates(sums, self.drawn) / ecgs
        square = (
            of_replicates(sums**2, self.drawn)
            - 2 * apart * of_replicates(sums * sizes, self.drawn)
            + apart**2 * of_replicates(sizes**2, self.drawn)
        )
        spread = np.sqrt(few * np.maximum(square, 0)) / ecgs
        # Rounding leaves 1e-8 of the error where every drawn value is the same.
        none = spread <= 1e-6 * error[..., None]
        t = np.divide(apart, spread, out=np.zeros_like(apart), where=~none)
        known = (none.mean(-1) <= WITHOUT_SPREAD) & (not too_few(count))
        return Studentized(mean, np.asarray(error), mean[..., None] + apart, t, known)


def of_the_data(found: Studentized) -> Float[np.ndarray, "*series"]:
    """The t of each series: mean by standard error, 0 where there is no spread."""
    zero = np.zeros_like(found.mean)
    return np.asarray(np.divide(found.mean, found.error, out=zero, where=found.error > 0))


def replicates(methods: int) -> int:
    """Number of bootstrap replicates that Holm's correction needs for this many methods."""
    return max(REPLICATES, REPLICATES_PER_METHOD * methods)


def too_few(patients: int) -> bool:
    """True where too many replicates draw one patient alone: up to 5 patients."""
    return float(patients) ** (1 - patients) > WITHOUT_SPREAD


def smallest_p(methods: int, patients: int) -> float:
    """Smallest p of one comparison; that of the percentiles where patients are too few for t."""
    count = replicates(methods)
    return least_p(count, patients) if too_few(patients) else 2 / (count + 1)
