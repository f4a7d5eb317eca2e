"""Paired bootstrap over patients, its intervals and p-values, and Holm's correction.

A patient is drawn with all their ECGs and an ECG with all its noise draws: they are nested, and
resampling them as well would count their spread twice (Davison & Hinkley 1997, section 3.8).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, UInt8
from scipy.special import ndtr, ndtri, stdtr, stdtrit  # scipy.stats takes a second

REPLICATES = 2000  # as for the κ intervals of Storås 2025
AT_ONCE = 2**24  # counts that are held as 8-byte numbers: 134 MB, all replicates of 8000 patients


def drawn_patients(
    patients: Sequence[str], seed: int, replicates: int = REPLICATES
) -> UInt8[np.ndarray, "replicate patient"]:
    """Count of each patient in each replicate, patients in the order of their names.

    `patients` names the patient of each ECG. A replicate has as many patients as there are.
    Raises ValueError for fewer than 2 patients.
    """
    return _drawn(int(numbered(patients).max()) + 1, seed, replicates)


# A ranking asks seven times for the same, and once for the test part: 100 000 patients take 11 s.
@lru_cache(maxsize=2)
def _drawn(count: int, seed: int, replicates: int) -> UInt8[np.ndarray, "replicate patient"]:
    random, shares = np.random.default_rng(seed), np.full(count, 1 / count)
    # One byte each: nobody is drawn more than 255 times (p < 10⁻⁴⁹⁰ for any number of patients).
    drawn = np.empty((replicates, count), np.uint8)
    for some in pieces(replicates, count):
        drawn[some] = random.multinomial(count, shares, size=some.stop - some.start)
    drawn.flags.writeable = False
    return drawn


def pieces(replicates: int, patients: int) -> Iterator[slice]:
    """Replicates in pieces of at most AT_ONCE counts."""
    size = max(1, AT_ONCE // patients)
    for first in range(0, replicates, size):
        yield slice(first, min(first + size, replicates))


def of_replicates(
    values: Float[np.ndarray, "*series patient"], drawn: UInt8[np.ndarray, "replicate patient"]
) -> Float[np.ndarray, "*series replicate"]:
    """Sum of the values over the patients of each replicate."""
    parts = [values @ drawn[some].astype(float).T for some in pieces(*drawn.shape)]
    return np.concatenate(parts, axis=-1)


def resampled(
    patients: Sequence[str], seed: int, replicates: int = REPLICATES
) -> Float[np.ndarray, "replicate ecg"]:
    """The weight of each ECG in each replicate: its share of the ECGs of the patients drawn.

    A patient is drawn with all their ECGs, so a weighted sum is the mean over the ECGs drawn: a
    ratio of sums where patients have different numbers of them. Raises ValueError for fewer than
    2 patients.
    """
    times = drawn_patients(patients, seed, replicates)[:, numbered(patients)].astype(float)
    return times / times.sum(1, keepdims=True)


def numbered(patients: Sequence[str]) -> Int[np.ndarray, " ecg"]:
    """The number (0, 1, …) of each ECG's patient; ValueError for fewer than 2 patients.

    In the order of their names, so that what is drawn does not depend on that of the ECGs.
    """
    number = {patient: place for place, patient in enumerate(sorted({*patients}))}
    if len(number) < 2:
        raise ValueError(
            "expected at least 2 usable ECGs of different patients to rank methods on, "
            f"got {len(patients)} of {len(number)}"
        )
    return np.array([number[patient] for patient in patients])


def bootstrap_means(
    values: Float[np.ndarray, "*series ecg"], weights: Float[np.ndarray, "replicate ecg"]
) -> Float[np.ndarray, "*series replicate"]:
    """Means over the ECGs drawn; with the same weights, the same ones for every series: paired."""
    return values @ weights.T


def resampled_means(
    values: Float[np.ndarray, "*series ecg"], patients: Sequence[str], seed: int
) -> Float[np.ndarray, "*series replicate"]:
    """`bootstrap_means` by the weights of `resampled`, few of which are held at once."""
    drawn, number, parts = drawn_patients(patients, seed), numbered(patients), []
    for some in pieces(len(drawn), len(number)):
        times = drawn[some][:, number].astype(float)
        parts.append(bootstrap_means(values, times / times.sum(1, keepdims=True)))
    return np.concatenate(parts, axis=-1)


def interval(
    replicates: Float[np.ndarray, "*series replicate"], patients: int, level: float = 0.95
) -> tuple[Float[np.ndarray, "*series"], Float[np.ndarray, "*series"]]:
    """Ends of the expanded percentile interval of a mean over this number of patients.

    The plain percentile interval is too narrow for few of them by √((n−1)/n) and by the normal's
    quantile in place of Student's; both are made good in the percentiles (Hesterberg 2015).
    """
    freedom = patients - 1
    quantile = stdtrit(freedom, (1 - level) / 2) * np.sqrt(patients / freedom)
    tail = ndtr(quantile)
    low, high = np.quantile(replicates, [tail, 1 - tail], axis=-1)
    return low, high


def p_values(
    replicates: Float[np.ndarray, "*series replicate"], patients: int
) -> Float[np.ndarray, "*series"]:
    """Two-sided p of "the mean is 0", below 0.05 where the 95 % interval leaves 0 out.

    The share of replicates on the far side of 0 is read as `interval` reads its percentiles, so
    that 2 or 3 patients, however alike, prove nothing.
    """
    count = replicates.shape[-1]
    below, above = (replicates <= 0).sum(-1), (replicates >= 0).sum(-1)
    # One is added to both, as no share of a finite number of replicates is known to be 0.
    share = np.minimum((np.minimum(below, above) + 1) / (count + 1), 0.5)
    statistic = ndtri(share) * np.sqrt((patients - 1) / patients)
    return 2 * stdtr(patients - 1, statistic)


def least_p(replicates: int, patients: int) -> float:
    """The smallest p that `p_values` can give; the true one may be smaller."""
    return float(p_values(np.ones((1, replicates)), patients)[0])


def holm(p: Sequence[float] | Float[np.ndarray, " test"]) -> Float[np.ndarray, " test"]:
    """p-values corrected for their number, step by step from the smallest (Holm 1979)."""
    p = np.asarray(p, float)
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(stepped, 1)
    return corrected


def superiority(
    methods: Float[np.ndarray, "method ecg"], control: Float[np.ndarray, " ecg"]
) -> Float[np.ndarray, " method"]:
    """The share of ECGs on which a method is above the control; where they are equal, half counts.

    The probability of superiority in pairs (Grissom & Kim 2005): 0.5 is no effect.
    """
    difference = methods - control
    return ((difference > 0) + 0.5 * (difference == 0)).mean(1)


@dataclass(frozen=True)
class PatientGroups:
    """ECGs of each patient, patients in the order of their names."""

    order: Int[np.ndarray, " ecg"]  # the ECGs, those of a patient side by side
    starts: Int[np.ndarray, " patient"]  # where the ECGs of each patient begin in it

    @classmethod
    def of(cls, names: Sequence[str]) -> "PatientGroups":
        """`names` of the patient of each ECG; ValueError for fewer than 2 of them."""
        patient = numbered(names)
        order = patient.argsort(kind="stable")
        return cls(order, np.flatnonzero(np.diff(patient[order], prepend=-1)))

    @property
    def count(self) -> int:
        """Number of patients."""
        return len(self.starts)

    @property
    def sizes(self) -> Int[np.ndarray, " patient"]:
        """Number of ECGs of each patient."""
        return np.diff(self.starts, append=len(self.order))

    def sums(
        self, values: Float[np.ndarray, "*series ecg"]
    ) -> Float[np.ndarray, "*series patient"]:
        """Sum of the values of each patient's ECGs."""
        return np.add.reduceat(values[..., self.order], self.starts, axis=-1)


class Estimate(NamedTuple):
    """A mean over ECGs, its 95 % interval over patients, and the share of ECGs without a value."""

    value: float
    low: float
    high: float
    missing: float


@dataclass(frozen=True)
class Patients:
    """The patient of each ECG; resampled once, so that all estimates are on the same draws."""

    names: Sequence[str]
    seed: int

    @cached_property
    def weights(self) -> Float[np.ndarray, "replicate ecg"]:
        """The share of each ECG in each replicate."""
        return resampled(self.names, self.seed)

    def estimate(self, values: Float[np.ndarray, " ecg"]) -> Estimate:
        """The mean of the values that are not NaN; the interval is NaN for fewer than 2 patients.

        The interval is the bootstrap's over patients: it holds for these networks.
        """
        there = np.isfinite(values)
        missing = 1 - float(there.mean())
        patients = len({name for name, has in zip(self.names, there, strict=True) if has})
        mean = float(values[there].mean()) if there.any() else np.nan
        if patients < 2:
            return Estimate(mean, np.nan, np.nan, missing)
        share = self.weights[:, there]
        total = share.sum(1)
        # A replicate may have drawn only patients without a value.
        means = (share @ values[there])[total > 0] / total[total > 0]
        (low,), (high,) = interval(means[None], patients)
        return Estimate(mean, float(low), float(high), missing)
