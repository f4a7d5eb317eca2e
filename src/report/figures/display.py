"""What a heatmap looks like: its scale, its mean over the leads, its 8-bit copy, its colours."""

from typing import Literal

import numpy as np
from jaxtyping import Float, Int8, UInt8

# The |attribution| below which the sorted |attributions| sum up to this share is drawn at full
# strength; what is above it would otherwise leave the rest of the map pale (Storås 2025, code).
SHOWN_SHARE = 0.9
LEVELS = 127  # of an int8, so that 0 stays exactly 0

# Dark blue against light orange: apart for every colour vision, and in grey print by lightness.
RAISES = (11, 79, 158)
LOWERS = (226, 104, 16)
STRONG = (74, 20, 134)  # unsigned maps: one hue, from paper to violet


def display_scale(heatmap: Float[np.ndarray, "..."]) -> float:
    """The |attribution| that is drawn at full strength; 0.0 for a map of zeros."""
    ordered = np.sort(np.abs(heatmap), axis=None).astype(np.float64)
    sums = np.cumsum(ordered)
    return float(ordered[np.searchsorted(sums, SHOWN_SHARE * sums[-1])])


def shown(heatmap: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """The map divided by its display scale and clipped to −1…1."""
    scale = display_scale(heatmap)
    if scale == 0.0:
        return np.zeros_like(heatmap)
    return np.clip(heatmap / scale, -1.0, 1.0)


def averaged(
    heatmap: Float[np.ndarray, "*batch lead time"], variant: Literal["paper", "code"] = "paper"
) -> Float[np.ndarray, "*batch time"]:
    """The study's "averaged" map over the leads (Storås 2025): mean of |attribution|.

    So the paper has it, and so the page. The published "code" takes |mean of the attributions|,
    where leads of opposite sign cancel.
    """
    if variant == "code":
        return np.abs(heatmap.mean(axis=-2))
    return np.abs(heatmap).mean(axis=-2)


def quantised(heatmap: Float[np.ndarray, "*shape"]) -> Int8[np.ndarray, "*shape"]:
    """The shown map in 255 levels: level / 127 × display_scale is the (clipped) attribution."""
    return np.rint(shown(heatmap) * LEVELS).astype(np.int8)


def strongest(
    values: Float[np.ndarray, "*batch time"], width: int
) -> Float[np.ndarray, "*batch new"]:
    """In each group of `width` samples the one of largest size, with its sign.

    A mean would let neighbours of opposite sign cancel, and a point that decides would vanish.
    """
    length = values.shape[-1] // width * width
    groups = values[..., :length].reshape(*values.shape[:-1], length // width, width)
    index = np.abs(groups).argmax(axis=-1)[..., None]
    return np.take_along_axis(groups, index, axis=-1)[..., 0]


def colours(levels: Float[np.ndarray, " point"], *, signed: bool) -> Float[np.ndarray, "point 4"]:
    """RGBA in 0…1 of shown values: hue by sign, opacity by size."""
    above, below = (RAISES, LOWERS) if signed else (STRONG, STRONG)
    rgb: UInt8[np.ndarray, "point 3"] = np.where(levels[:, None] >= 0, above, below)
    # 0.85: at full strength the grid is still to be seen through the colour.
    return np.column_stack([rgb / 255.0, 0.85 * np.abs(levels)])
