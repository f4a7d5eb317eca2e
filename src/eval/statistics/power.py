"""Power of tests with other numbers of ECGs, by the variance of a finished run (docs/plan.md)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import ceil

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr, stdtrit  # scipy.stats takes a second

from .comparison import LEVEL

RESAMPLES = 400  # of the run's patients: an SD of power of at most 0.5 % from them
SAMPLES = 50  # of means for each resample: 20 000 in all
MOST_ECGS = 100_000  # more than any data set here has
FEWEST = 6  # patients that the bootstrap-t takes

PerPatient = Float[np.ndarray, "test patient"]


@dataclass(frozen=True, eq=False)
class Comparisons:
    """Tests that a method has to pass at once, with what each compares.

    `names` say rung and protocol. `own` is the method's score and `difference` what has to be above
    0, of each patient. `within` is the variance of `difference` between the `draws` of an ECG, 0
    where one draw cannot tell. `methods` is their number, for Holm's correction;
    `ecgs_per_patient` turns planned patients into ECGs.
    """

    method: str
    names: tuple[str, ...]
    own: PerPatient
    difference: PerPatient
    within: Float[np.ndarray, " test"]
    draws: tuple[int, ...]
    methods: int
    ecgs_per_patient: float = 1.0

    def of(self, patients: np.ndarray) -> "Comparisons":
        """The same of these patients."""
        return replace(self, own=self.own[:, patients], difference=self.difference[:, patients])


@dataclass(frozen=True, eq=False)
class Pilot:
    """Power of the tests of a method for a gain, a share of the own score."""

    comparisons: Comparisons
    gain: float
    seed: int = 0

    @property
    def patients(self) -> int:
        """Patients of the run."""
        return self.comparisons.own.shape[1]

    def power(self, patients: int, draws: int = 1) -> float:
        """Probability that every test is significant, by 0 for an own score of 0 or below.

        `draws` is a multiple of the run's.
        """
        own, root = self._resampled
        quantile = -stdtrit(patients - 1, LEVEL / self.comparisons.methods / 2)
        narrow = self.narrower(draws) / np.sqrt(patients)
        chance = (self._normal @ np.swapaxes(root, 1, 2)) * narrow
        error = np.linalg.norm(root, axis=2)[:, None] * narrow
        mean = self.gain * own[:, None]
        return float(((mean > 0) & (mean + chance > quantile * error)).all(-1).mean())

    def ecgs(self, power: float, draws: int = 1) -> int | None:
        """Smallest number of ECGs with this power; None above MOST_ECGS."""
        of_draws = partial(self.power, draws=draws)
        return _fewest(of_draws, power, self.comparisons.ecgs_per_patient)

    def narrower(self, draws: int) -> Float[np.ndarray, " test"]:
        """SD between ECGs with this multiple of the draws, as a share of the run's."""
        values = self.comparisons.difference.var(-1, ddof=1)
        each = np.array(self.comparisons.draws) * self.comparisons.ecgs_per_patient
        less = self.comparisons.within / each * (1 - 1 / draws)
        left = np.divide(less, values, out=np.zeros_like(values), where=values > 0)
        return np.sqrt(np.clip(1 - left, 0, 1))

    @cached_property
    def _resampled(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean own scores of resamples of the run's patients, and roots of their covariances.

        The covariance of the differences is that of the run on average.
        """
        count = self.patients
        drawn = np.random.default_rng(self.seed).integers(0, count, (RESAMPLES, count))
        shares = np.stack([np.bincount(each, minlength=count) for each in drawn]) / count
        apart = self.comparisons.difference
        apart = apart - apart.mean(-1, keepdims=True)
        mean = shares @ apart.T
        square = np.stack([(apart * each) @ apart.T for each in shares])
        found = (square - mean[:, :, None] * mean[:, None]) * (count / (count - 1)) ** 2
        sizes, ways = np.linalg.eigh(found)
        return shares @ self.comparisons.own.T, ways * np.sqrt(np.maximum(sizes, 0))[:, None]

    @cached_property
    def _normal(self) -> Float[np.ndarray, "resample sample test"]:
        random = np.random.default_rng([self.seed, 1])
        return random.normal(size=(RESAMPLES, SAMPLES, len(self.comparisons.names)))


@dataclass(frozen=True)
class SharePilot:
    """Power of a test of a share below a limit, of which a run has a standard error.

    Normal approximation. The `error` is over ECGs and redraws together; its square shrinks at least
    as fast as both grow, so that both are multiplied by one factor. `gain` is how far the share is
    below its limit; `methods` are those that are corrected for.
    """

    error: float
    gain: float
    patients: int
    methods: int = 1
    ecgs_per_patient: float = 1.0

    def power(self, patients: int) -> float:
        """Probability that the share is significantly below its limit."""
        quantile = -stdtrit(patients - 1, LEVEL / self.methods / 2)
        with np.errstate(divide="ignore"):
            t = self.gain * np.sqrt(patients / self.patients) / np.float64(self.error)
        return float(ndtr(t - quantile))

    def ecgs(self, power: float) -> int | None:
        """Smallest number of ECGs with this power; None above MOST_ECGS."""
        return _fewest(self.power, power, self.ecgs_per_patient)


def _fewest(power_of: Callable[[int], float], power: float, ecgs_per_patient: float) -> int | None:
    """Smallest number of ECGs, of FEWEST patients or more, with this power; None for more."""
    low, high = FEWEST - 1, int(MOST_ECGS / ecgs_per_patient)
    if not power_of(high) >= power:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power_of(middle) >= power else (middle, high)
    return ceil(round(high * ecgs_per_patient, 6))
