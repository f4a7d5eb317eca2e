"""Whether two metrics order the methods alike."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

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
