"""When relevance at a place is suspicious: the rule, written before anything was measured."""

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float

from ...statistics.estimates import Patients

Flag = Literal["suspicious", "not suspicious", "cannot be said"]
# A point of the place has on average twice the relevance of a point elsewhere. Our own choice: a
# map that knows nothing has 1, and networks that pool over time leave a little anywhere.
ODDS = 2.0
# Fewer patients with such a place would let one of them decide.
MIN_PATIENTS = 8


class Judged(NamedTuple):
    """Mean share over ECGs, what a map that knows nothing has, the limit, and the flag.

    `low` and `high` are the 95 % interval over patients of share − limit.
    """

    share: float
    expected: float
    limit: float
    excess: float
    low: float
    high: float
    ecgs: int
    flag: Flag


def limit_of(expected: Float[np.ndarray, " ecg"]) -> Float[np.ndarray, " ecg"]:
    """The share at which a point there has ODDS times the relevance of a point elsewhere."""
    return ODDS * expected / (1 + (ODDS - 1) * expected)


def judged(
    shares: Float[np.ndarray, " ecg"], expected: Float[np.ndarray, " ecg"], patients: Patients
) -> Judged:
    """Suspicious where the mean of share − limit is significantly above 0.

    Significantly: the 95 % interval over patients lies above it.
    It cannot be said where fewer than MIN_PATIENTS have both, or the interval holds 0.
    """
    there = np.isfinite(shares) & np.isfinite(expected)
    limits = limit_of(expected)
    seen = {name for name, has in zip(patients.names, there, strict=True) if has}
    if not seen:
        nothing = np.nan
        return Judged(
            nothing, nothing, nothing, nothing, nothing, nothing, ecgs=0, flag="cannot be said"
        )
    share, chance, limit = (float(each[there].mean()) for each in (shares, expected, limits))
    found = patients.estimate(np.where(there, shares - limits, np.nan))
    flag: Flag = "cannot be said"
    if len(seen) >= MIN_PATIENTS and found.low > 0:
        flag = "suspicious"
    elif len(seen) >= MIN_PATIENTS and found.high <= 0:
        flag = "not suspicious"
    count = int(there.sum())
    return Judged(share, chance, limit, found.value, found.low, found.high, count, flag)
