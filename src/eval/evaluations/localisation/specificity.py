"""In which lead and when a map is strong (Wagner 2024, spatial and temporal specificity)."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from ...heatmaps.beat_window import MOMENTS, windows
from .order import PerEcg


def spatial_specificity(maps: Float[np.ndarray, "ecg lead time"], lead: int) -> PerEcg:
    """‖R_c‖₂ / ‖(‖R_l‖₂)_l‖₂ of the lead c: 1 when all relevance lies there.

    Chance is 1/√leads, which an empty map gets too. Signs do not count.
    """
    norms = np.linalg.norm(maps.astype(np.float64), axis=2)
    total = np.linalg.norm(norms, axis=1)
    chance = np.full(len(maps), norms.shape[1] ** -0.5)
    return np.divide(norms[:, lead], total, out=chance, where=total > 0)


def temporal_profile(
    heatmap: Float[np.ndarray, "lead time"], r_peaks: Sequence[int]
) -> Float[np.ndarray, " moment"]:
    """Profile of one ECG: L2 over the leads, mean over beats, unit norm; −300 … +500 ms from R.

    Beats that reach beyond the signal are left out; NaN when none is left. An empty map is the
    same at every moment.
    """
    cuts = windows(np.linalg.norm(heatmap.astype(np.float64), axis=0), r_peaks)
    if not len(cuts):
        return np.full(len(MOMENTS), np.nan)
    mean = cuts.mean(0)
    length = np.linalg.norm(mean)
    return mean / length if length > 0 else np.full(len(mean), len(mean) ** -0.5)


def temporal_specificity(
    profile: Float[np.ndarray, " moment"], region: Bool[np.ndarray, " moment"]
) -> float:
    """The norm of the profile within the region: 1 when all relevance lies then.

    Our own definition, after the spatial one. Chance is the root of the region's share of the
    moments; NaN without a region.
    """
    return float(np.linalg.norm(profile[region])) if region.any() else float("nan")
