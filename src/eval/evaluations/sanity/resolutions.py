"""Resolution of a heatmap in a comparison: its scale in time, with or without its signs."""

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from jaxtyping import Float, Int8

from ....ecg import BIT, FS_HZ

Scale = Literal["sample", "10 ms", "20 ms", "40 ms", "wave × lead"]
Sign = Literal["signed", "absolute"]
# Up to the width of a bump or of a short QRS complex; beyond that only the waves make sense.
WIDTH_MS: dict[str, float] = {"10 ms": 10.0, "20 ms": 20.0, "40 ms": 40.0}
SCALES: tuple[Scale, ...] = ("sample", "10 ms", "20 ms", "40 ms", "wave × lead")
SIGNS: tuple[Sign, ...] = ("absolute", "signed")


@dataclass(frozen=True)
class Resolution:
    """Sums of a map, or of its magnitude, over the windows or waves of a scale."""

    scale: Scale
    sign: Sign


# The first is the one that is judged: perturbation ranks single points by magnitude too.
RESOLUTIONS = tuple(Resolution(scale, sign) for scale, sign in product(SCALES, SIGNS))


def at_resolution(
    maps: Float[np.ndarray, "*map ecg lead time"],
    resolution: Resolution,
    segments: Int8[np.ndarray, "ecg time"],
    fs_hz: float = FS_HZ,
) -> Float[np.ndarray, "*map ecg point"]:
    """Maps at a resolution, lead after lead; sums in float64.

    A window stops at the end of its lead, the last one may be shorter. The wave × lead table has
    P, PQ, QRS, ST, T and TP (what is no other) in each lead, NaN for a wave that an ECG lacks.
    """
    values = np.abs(maps) if resolution.sign == "absolute" else maps
    if resolution.scale == "wave × lead":
        values = wave_sums(values.astype(np.float64), segments)
    elif resolution.scale in WIDTH_MS:
        width = max(1, round(WIDTH_MS[resolution.scale] * fs_hz / 1e3))
        starts = np.arange(0, values.shape[-1], width)
        values = np.add.reduceat(values, starts, axis=-1, dtype=np.float64)
    return values.reshape(*values.shape[:-2], -1)


def wave_sums(
    values: Float[np.ndarray, "*map ecg lead time"], segments: Int8[np.ndarray, "ecg time"]
) -> Float[np.ndarray, "*map ecg lead wave"]:
    """Sums over P, PQ, QRS, ST, T and TP, of all beats; an edge counts for both its neighbours."""
    bits = np.array([*BIT.values()], np.int8)
    within = (segments[:, :, None] & bits) != 0
    within = np.concatenate([within, ~within.any(-1, keepdims=True)], -1)
    sums = values @ within.astype(np.float64)
    return np.where(np.any(within, axis=1, keepdims=True), sums, np.nan)
