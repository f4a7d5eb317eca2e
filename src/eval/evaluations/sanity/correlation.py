"""Spearman's ρ of heatmaps, many pairs at once, and the resolutions at which maps are compared."""

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int8

from ....ecg import FS_HZ, wave_sums
from ...statistics.ranks import average_ranks

# ECGs ranked at a time: 12 methods of 7200 points are then 22 MB in float64.
ECGS = 32
# A length that is nothing but the rounding of sums over 60 000 points in float64.
ROUNDING = 1e-6


def correlations(
    left: Float[np.ndarray, "left ecg point"], right: Float[np.ndarray, "right ecg point"]
) -> Float[np.ndarray, "left right ecg"]:
    """ρ of every map on the left with every map on the right of the same ECG, in float64.

    Equal values share their average rank. NaN is a point that an ECG does not have; only points
    that all maps of an ECG have are ranked. ρ is NaN for a constant map, which has no ranks, and
    for a map of NaN alone, which is not there.
    """
    rho = np.full((len(left), len(right), left.shape[1]), np.nan)
    if np.isnan(left).all() or np.isnan(right).all():
        return rho
    for ecgs, points in same_points(points_of(left) & points_of(right)):
        ranks = standard_ranks(left[:, ecgs][..., points])
        # The same maps on both sides are ranked once.
        others = ranks if left is right else standard_ranks(right[:, ecgs][..., points])
        products = ranks.transpose(1, 0, 2) @ others.transpose(1, 2, 0)
        ranked = np.any(ranks[:, None] != 0, axis=-1) & np.any(others[None] != 0, axis=-1)
        clipped = np.clip(products.transpose(1, 2, 0), -1, 1)  # rounding goes beyond
        rho[:, :, ecgs] = np.where(ranked, clipped, np.nan)
    return rho


def spearman(
    one: Float[np.ndarray, "ecg point"], other: Float[np.ndarray, "ecg point"]
) -> Float[np.ndarray, " ecg"]:
    """ρ of two maps of each ECG; see `correlations`."""
    return correlations(one[None], other[None])[0, 0]


def beyond(
    values: Float[np.ndarray, "ecg point"], given: Float[np.ndarray, "ecg point"]
) -> Float[np.ndarray, "ecg point"]:
    """Part of the ranks of each map that `given`, other standard_ranks, does not explain; length 1.

    The product of two such maps, summed over points, is Spearman's partial ρ given these others
    where both explain one ECG. NaN where nothing is left.
    """
    ranks = standard_ranks(values)
    left = ranks - (ranks * given).sum(-1, keepdims=True) * given
    length = np.linalg.norm(left, axis=-1, keepdims=True)
    return np.divide(left, length, out=np.full_like(left, np.nan), where=length > ROUNDING)


def standard_ranks(values: Float[np.ndarray, "*map point"]) -> Float[np.ndarray, "*map point"]:
    """Average ranks with mean 0 and length 1, so that products sum to ρ; a constant's are 0."""
    ranks = average_ranks(values) - (values.shape[-1] + 1) / 2
    length = np.linalg.norm(ranks, axis=-1, keepdims=True)
    return np.divide(ranks, length, out=np.zeros_like(ranks), where=length > 0)


def points_of(maps: Float[np.ndarray, "map ecg point"]) -> Bool[np.ndarray, "ecg point"]:
    """The points that all maps have of those that are there."""
    has = np.isfinite(maps)
    return np.all(has | ~np.any(has, axis=-1, keepdims=True), axis=0)


def same_points(
    there: Bool[np.ndarray, "ecg point"],
) -> list[tuple[np.ndarray, Bool[np.ndarray, " point"]]]:
    """Groups of at most ECGS ECGs that have the same points, and those points."""
    groups: dict[bytes, list[int]] = {}
    for ecg, points in enumerate(there):
        groups.setdefault(points.tobytes(), []).append(ecg)
    return [
        (np.array(ecgs[at : at + ECGS]), there[ecgs[0]])
        for ecgs in groups.values()
        for at in range(0, len(ecgs), ECGS)
    ]


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


# The first is that of the tables: perturbation ranks single points by magnitude too.
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
