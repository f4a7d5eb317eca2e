"""What is left of a map when the network has lost its weights: the numbers."""

import numpy as np
from jaxtyping import Float

from .baselines import Ground, centred
from .correlation import correlations, spearman
from .rows import Numbers
from .views import View


def kept(
    original: Float[np.ndarray, "ecg lead time"],
    copies: Float[np.ndarray, "copy ecg lead time"],
    ground: Ground,
    view: View,
) -> Numbers:
    """ρ of the original's map with that of each copy, and the same of centred maps: means.

    NaN where there is no copy.
    """
    if not len(copies):
        nothing = np.full(len(original), np.nan)
        return {"value": nothing, "centred": nothing}
    one, others = ground.seen(original[None], view), ground.seen(copies, view)
    return {
        "value": correlations(one, others)[0].mean(0),
        "centred": correlations(centred(one), centred(others))[0].mean(0),
    }


def baselines_of(
    original: Float[np.ndarray, "ecg lead time"],
    permuted: Float[np.ndarray, "ecg lead time"],
    ground: Ground,
    view: View,
) -> Numbers:
    """The baselines that no copy changes: other_ecg, permuted and abs_x."""
    values = ground.seen(original, view)
    return {
        "other_ecg": ground.other_ecg(values),
        "permuted": spearman(values, ground.seen(permuted, view)),
        "abs_x": ground.abs_x(original[None], view)[0],
    }
