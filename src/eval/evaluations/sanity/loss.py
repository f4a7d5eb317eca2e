"""Similarity of a map to those of a network that has lost its weights."""

import numpy as np
from jaxtyping import Float

from .baselines import Ground, centred
from .correlation import correlations, spearman
from .resolutions import Resolution
from .rows import Numbers


def kept(
    original: Float[np.ndarray, "ecg lead time"],
    copies: Float[np.ndarray, "copy ecg lead time"],
    ground: Ground,
    resolution: Resolution,
) -> Numbers:
    """ρ of the original's map with that of each copy, and the same of centred maps: means.

    NaN where there is no copy.
    """
    if not len(copies):
        nothing = np.full(len(original), np.nan)
        return {"value": nothing, "centred": nothing}
    one, others = (
        ground.at_resolution(original[None], resolution),
        ground.at_resolution(copies, resolution),
    )
    return {
        "value": correlations(one, others)[0].mean(0),
        "centred": correlations(centred(one), centred(others))[0].mean(0),
    }


def baselines_of(
    original: Float[np.ndarray, "ecg lead time"],
    permuted: Float[np.ndarray, "ecg lead time"],
    ground: Ground,
    resolution: Resolution,
) -> Numbers:
    """The baselines that no copy changes: other_ecg, permuted and abs_x."""
    values = ground.at_resolution(original, resolution)
    return {
        "other_ecg": ground.other_ecg(values),
        "permuted": spearman(values, ground.at_resolution(permuted, resolution)),
        "abs_x": ground.abs_x(original[None], resolution)[0],
    }
