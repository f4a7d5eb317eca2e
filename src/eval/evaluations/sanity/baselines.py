"""Baselines: the correlation of two maps that explain nothing, shown beside every ρ.

The columns of BASELINES stand beside every ρ:
- `other_ecg`: ρ of the maps of two ECGs of different patients by the same network (the pairs are
  those of eval.donors.partners). The other ECG's map is also the control that is shuffled and
  keeps the method's own autocorrelation.
- `centred`: ρ after the mean map over the ECGs is subtracted from each.
- `permuted`: ρ with the map of a network that was trained on permuted labels.
- `abs_x`: ρ of |map| with |x|, for methods that multiply by the input; computed for all.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Int8
from torch import nn

from ....ecg import FS_HZ
from ...donors import partners
from ...heatmaps.explained import Heatmaps, explained
from ...heatmaps.order import NEAR
from ...subject import Subject
from .correlation import Resolution, at_resolution, correlations, spearman

# ρ ("value") and its baselines, of each ECG.
Numbers = Mapping[str, Float[np.ndarray, " ecg"]]

BASELINES = ("other_ecg", "centred", "permuted", "abs_x")


def centred(values: Float[np.ndarray, "*map ecg point"]) -> Float[np.ndarray, "*map ecg point"]:
    """Each map less the mean map of the ECGs; NaN where the ECG has no such point.

    A map of which rounding alone is left is 0: where all ECGs have one map, none has ranks.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a wave that no ECG has: its mean is NaN
        left = values - np.nanmean(values, axis=-2, keepdims=True, dtype=np.float64)
        largest, most = (np.nanmax(np.abs(each), axis=-1, keepdims=True) for each in (values, left))
    return np.where(most <= NEAR * largest, 0.0, left)


@dataclass(frozen=True)
class Ground:
    """The ECGs under the maps, from which baselines are made; `partner` is each one's other ECG."""

    x: Float[np.ndarray, "ecg lead time"]
    segments: Int8[np.ndarray, "ecg time"]
    partner: Int[np.ndarray, " ecg"]
    fs: float = FS_HZ

    def at_resolution(
        self, maps: Float[np.ndarray, "*map ecg lead time"], resolution: Resolution
    ) -> Float[np.ndarray, "*map ecg point"]:
        """Maps of these ECGs at a resolution."""
        return at_resolution(maps, resolution, self.segments, self.fs)

    def abs_x(
        self, maps: Float[np.ndarray, "map ecg lead time"], resolution: Resolution
    ) -> Float[np.ndarray, "map ecg"]:
        """ρ of |map| with |x| at the scale of the resolution."""
        absolute = Resolution(resolution.scale, "absolute")
        return correlations(
            self.at_resolution(maps, absolute), self.at_resolution(self.x[None], absolute)
        )[:, 0]

    def other_ecg(self, values: Float[np.ndarray, "ecg point"]) -> Float[np.ndarray, " ecg"]:
        """ρ of each ECG's map at a resolution with its partner's."""
        return spearman(values, values[self.partner])


def ground_of(subject: Subject) -> Ground:
    """The ECGs of the subject with another patient's ECG for each."""
    ecgs = subject.ecgs
    return Ground(ecgs.x.cpu().numpy(), ecgs.segments.cpu().numpy(), partners(subject), subject.fs)


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


ABSENT = "no label-permuted network was given: that baseline is empty"


def permuted_maps(net: nn.Module | None, subject: Subject) -> tuple[Heatmaps, tuple[str, ...]]:
    """Its maps by method, and what a reader should know of them."""
    if net is None:
        return {}, (ABSENT,)
    found = explained(net, subject, "label-permuted network")
    failed = "was left out on the label-permuted network"
    return found.maps, tuple(f"{name} {failed}: {why}" for name, why in found.left_out.items())


def gathered(
    maps: Heatmaps, names: Sequence[str], shape: tuple[int, ...]
) -> Float[np.ndarray, "method ecg lead time"]:
    """The maps of these names, each of this shape; NaN where there is none."""
    absent = np.broadcast_to(np.float32(np.nan), shape)
    return np.stack([maps.get(name, absent) for name in names])
