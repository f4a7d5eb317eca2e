"""Heatmap in steps of strength, as the page colours it."""

import numpy as np
from ecglens.report.figures import averaged
from jaxtyping import Float, Int8

# Relevance that the coloured samples hold together, from the darkest colour to the lightest. The
# last tenth has no colour, as in the figures of the report (Storås 2025, code).
SHARES = (0.5, 0.75, 0.9)


def heat_of(heatmap: Float[np.ndarray, "12 time"], view: str) -> bytes:
    """Steps as int8, row by row: 12 in view "full", the mean over leads in "averaged".

    The number of bytes depends on the number of samples alone. Raises ValueError for values that
    are not finite.
    """
    if not np.isfinite(heatmap).all():
        raise ValueError("expected a finite heatmap, got NaN or infinite values")
    return steps(heatmap if view == "full" else averaged(heatmap)[None]).tobytes()


def steps(heatmap: Float[np.ndarray, "row time"]) -> Int8[np.ndarray, "row time"]:
    """Strength of each sample, 0 to 3, with the sign of the attribution.

    The strongest samples of the map, which together hold half of its relevance, have 3, further
    samples up to three quarters 2, and up to nine tenths 1. Equal samples have equal steps.
    """
    strength = np.abs(heatmap).astype(np.float64)
    ordered = np.sort(strength, axis=None)[::-1]
    sums = np.cumsum(ordered)
    if not sums[-1]:
        return np.zeros(heatmap.shape, np.int8)
    # A sum over many samples can end a rounding error below its share.
    places = np.searchsorted(sums, np.array(SHARES) * sums[-1] * (1 - 1e-12))
    found = sum((strength >= weakest).astype(np.int8) for weakest in ordered[places])
    return (np.sign(heatmap) * found).astype(np.int8)
