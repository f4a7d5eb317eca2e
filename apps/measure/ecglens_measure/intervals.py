"""Interval and p of a mean over patients, and over networks where there are several.

Few ECGs have slopes of any form: some answer and some do not, one answers far more than all others.
The bootstrap-t has no bound there, since a replicate of nearly equal slopes has hardly a standard
error. The rule here is a closed form, fixed before it was tried on the distributions of
`benchmarks.gain_intervals`:

- The standard error is that of crossed patients and networks (docs/statistics.md).
- Each end is the one further away of Student's and of Hall's for skewed values (1992). Student's
  alone is too near on the side of a long tail; Hall's alone is too near where tails are long on
  both sides, as a sample with one far value looks skewed. A sample's skewness is bounded, and so
  are both: for 6 patients by 11 standard errors.
- p belongs to the same interval. It is not taken below 2^(1 − patients), the chance that all of
  them answer in one direction by chance: no test without a known distribution tells more of the
  tails.
- Fewer than LEAST patients have neither, as even all of them in one direction are no 5 %.
"""

from collections.abc import Sequence
from math import floor, log2
from typing import NamedTuple

import numpy as np
from ecglens.eval.statistics import LEVEL, Crossed, corrected
from jaxtyping import Float, Int
from scipy.special import stdtrit  # of scipy.stats it takes ten times as long

Series = Float[np.ndarray, " series"]
LEAST = floor(1 - log2(LEVEL)) + 1  # 6 patients: 2^(1 − 6) is below 0.05
HALVINGS = 60  # p to 18 digits, below its floor for as many patients


class Estimate(NamedTuple):
    """Mean over networks and ECGs with its 95 % interval over patients, and over networks."""

    value: float
    low: float
    high: float


def estimates(
    values: Float[np.ndarray, "series network ecg"], patients: Sequence[str]
) -> list[Estimate]:
    """Mean of each series with its interval; `patients` names the patient of each ECG."""
    known = _Known.of(values, patients)
    below, above = (known.error * known.quantile(side, LEVEL / 2) for side in (1, -1))
    ends = (known.mean - below).tolist(), (known.mean + above).tolist()
    return [Estimate(*each) for each in zip(known.mean.tolist(), *ends, strict=True)]


def p_of(values: Float[np.ndarray, "series network ecg"], patients: Sequence[str]) -> Series:
    """Two-sided p of "the mean is 0": the interval of level 1 − p ends there; NaN with a NaN."""
    known = _Known.of(values, patients)
    side, far = np.where(known.mean < 0, -1, 1), np.abs(known.mean)
    low, high = np.zeros(len(values)), np.full(len(values), 0.5)
    for _ in range(HALVINGS):
        tail = (low + high) / 2
        within = far <= known.error * known.quantile(side, tail)
        low, high = np.where(within, tail, low), np.where(within, high, tail)
    p = np.clip(low + high, least_p(known.patients), 1.0)
    return np.where(np.isfinite(known.mean + known.error), p, np.nan)


def least_p(patients: int) -> float:
    """Smallest p that this number of patients can have: all in one direction by chance."""
    return 2.0 ** (1 - patients)


def patients_for(tests: int) -> int:
    """Number of patients from which one response can be shown among this many tests (Holm)."""
    return floor(1 + log2(tests / LEVEL)) + 1


class _Known(NamedTuple):
    """Mean of each series with its standard error, the networks' share in it, and skewness."""

    mean: Series
    error: Series
    share: Series
    skewness: Series
    networks: int
    patients: int

    @classmethod
    def of(
        cls, values: Float[np.ndarray, "series network ecg"], patients: Sequence[str]
    ) -> "_Known":
        networks = values.shape[1]
        # One network beside itself: networks then add nothing to the variance.
        crossed = values if networks > 1 else np.repeat(values, 2, axis=1)
        mean, error, share, skewness = Crossed.of(patients).estimate(crossed)
        return cls(mean, error, share, skewness, networks, len({*patients}))

    def quantile(self, side: int | Int[np.ndarray, " series"], tail: float | Series) -> Series:
        """Quantile of t on the side below (1) or above (−1) the mean, by the shares' weights."""
        student = -stdtrit(self.patients - 1, tail)
        hall = side * corrected(side * student, self.skewness, self.patients)
        of_networks = -stdtrit(self.networks - 1, tail) if self.networks > 1 else 0.0
        return self.share * of_networks + (1 - self.share) * np.maximum(student, hall)
