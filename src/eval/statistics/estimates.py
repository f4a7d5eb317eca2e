"""Means over ECGs with the interval over patients, where some maps had no ranks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from .resampling import interval, resampled


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
