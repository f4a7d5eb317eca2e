"""What is left of a map when the network has lost its weights: the numbers."""

import numpy as np
from jaxtyping import Float

from .correlation import beyond, correlations, spearman
from .floors import Ground, centred
from .rows import Numbers
from .views import View


def kept(
    original: Float[np.ndarray, "ecg lead time"],
    copies: Float[np.ndarray, "copy ecg lead time"],
    ground: Ground,
    view: View,
) -> Numbers:
    """ρ of the original's map with that of each copy, and the same of centred maps: means."""
    one, others = ground.seen(original[None], view), ground.seen(copies, view)
    return {
        "value": correlations(one, others)[0].mean(0),
        "centred": correlations(centred(one), centred(others))[0].mean(0),
    }


def floors_of(
    original: Float[np.ndarray, "ecg lead time"],
    permuted: Float[np.ndarray, "ecg lead time"],
    ground: Ground,
    view: View,
) -> Numbers:
    """The floors that no copy changes: other_ecg, permuted and abs_x."""
    values = ground.seen(original, view)
    return {
        "other_ecg": ground.other_ecg(values),
        "permuted": spearman(values, ground.seen(permuted, view)),
        "abs_x": ground.abs_x(original[None], view)[0],
    }


def beyond_x(
    original: Float[np.ndarray, "ecg lead time"],
    others: Float[np.ndarray, "copy ecg lead time"],
    ground: Ground,
    view: View,
) -> Numbers:
    """Partial ρ given |x| of the original's map with the others', a mean, and its other-ECG floor.

    Of two ECGs each map is freed of its own |x|.
    """
    x = ground.seen(ground.x, View(view.scale, "absolute"))
    own = beyond(ground.seen(original, view), x)
    each = [(own * beyond(ground.seen(other, view), x)).sum(-1) for other in others]
    return {"value": np.mean(each, 0), "other_ecg": (own * own[ground.partner]).sum(-1)}
