"""Means over the ECGs of a group with intervals over patients, point by point."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ...statistics.resampling import bootstrap_means, interval, resampled


class Band(NamedTuple):
    """A mean at each point with the ends of its 95 % interval."""

    mean: Float[np.ndarray, "*point"]
    low: Float[np.ndarray, "*point"]
    high: Float[np.ndarray, "*point"]


def band(
    values: Float[np.ndarray, "ecg *point"], patients: Sequence[str], seed: int, least: int
) -> Band:
    """The mean over the ECGs that have a number at a point; NaN below `least` patients.

    Fewer than that would show what one person's ECG looks like. Points are taken together that the
    same ECGs have, so that each interval is over its own patients.
    """
    flat = values.reshape(len(values), -1)
    ends = np.full((3, flat.shape[1]), np.nan)
    there = np.isfinite(flat)
    packed = np.ascontiguousarray(np.packbits(there, axis=0).T)
    _, first, which = np.unique(
        packed.view(f"V{packed.shape[1]}"), return_index=True, return_inverse=True
    )
    for number, has in enumerate(there[:, first].T):
        names = [name for name, is_there in zip(patients, has, strict=True) if is_there]
        if len({*names}) < max(2, least):
            continue
        points = np.flatnonzero(which.ravel() == number)
        weights = resampled(names, seed)
        # 600 points of 2000 replicates are 10 MB.
        for some in np.array_split(points, max(1, len(points) // 600)):
            kept = flat[np.ix_(has, some)].T
            low, high = interval(bootstrap_means(kept, weights), len({*names}))
            ends[:, some] = kept.mean(1), low, high
    return Band(*ends.reshape(3, *values.shape[1:]))
