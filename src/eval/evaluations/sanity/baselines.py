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
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Int8

from ....ecg import FS_HZ
from ...donors import partners
from ...heatmaps.order import NEAR
from ...subject import Subject
from .correlation import correlations, spearman
from .resolutions import Resolution, at_resolution

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
