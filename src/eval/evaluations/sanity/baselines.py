"""Share of a map that outlives the weights, and the baselines shown beside every ρ.

The columns of BASELINES stand beside every ρ:
- `other_ecg`: ρ of the maps of two ECGs of different patients by the same network (the pairs are
  those of eval.subject.partners). The other ECG's map is also the control that is shuffled and
  keeps the method's own autocorrelation.
- `centred`: ρ after the mean map over the ECGs is subtracted from each.
- `permuted`: ρ with the map of a network that was trained on permuted labels.
- `abs_x`: ρ of |map| with |x|, for methods that multiply by the input; computed for all.

ρ between the maps of two networks that have nothing learned in common estimates the share of the
maps' rank variance that the weights do not account for: both maps are then one shared part and
two independent ones, and their correlation is the share of the shared part.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Int8
from torch import nn

from ....ecg import FS_HZ
from ...heatmaps.explained import Heatmaps, Maps, explained
from ...heatmaps.order import NEAR
from ...statistics.crossed import Crossed
from ...subject import Subject, partners
from .correlation import Resolution, at_resolution, beyond, correlations, spearman, standard_ranks

# ρ ("value") and its baselines, of each ECG.
Numbers = Mapping[str, Float[np.ndarray, " ecg"]]

BASELINES = ("other_ecg", "centred", "permuted", "abs_x")


def centred(values: Float[np.ndarray, "*map ecg point"]) -> Float[np.ndarray, "*map ecg point"]:
    """Maps less the mean map of the ECGs; NaN where the ECG has no such point.

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

    x: Maps
    segments: Int8[np.ndarray, "ecg time"]
    partner: Int[np.ndarray, " ecg"]
    fs: float = FS_HZ

    def at_resolution(
        self, maps: Float[np.ndarray, "*map ecg lead time"], resolution: Resolution
    ) -> Float[np.ndarray, "*map ecg point"]:
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

    def partial_rhos(
        self, original: Maps, redrawn: Float[np.ndarray, "redraw ecg lead time"]
    ) -> Float[np.ndarray, "redraw ecg"]:
        """Partial ρ given |x|, by sample, of |map| of the original with that of each network."""
        own = beyond(_sizes(original), self._ranks_of_x)
        each = [(own * beyond(_sizes(maps), self._ranks_of_x)).sum(-1) for maps in redrawn]
        return np.reshape(each, (len(redrawn), len(original)))

    @cached_property
    def _ranks_of_x(self) -> Float[np.ndarray, "ecg point"]:
        return standard_ranks(_sizes(self.x))


def _sizes(maps: Maps) -> Float[np.ndarray, "ecg point"]:
    return np.abs(maps).reshape(len(maps), -1)


def ground_of(subject: Subject) -> Ground:
    """The ECGs of the subject with another patient's ECG for each."""
    ecgs = subject.ecgs
    return Ground(ecgs.x.cpu().numpy(), ecgs.segments.cpu().numpy(), partners(subject), subject.fs)


def kept(
    original: Maps,
    copies: Float[np.ndarray, "copy ecg lead time"],
    ground: Ground,
    resolution: Resolution,
) -> Numbers:
    """Mean ρ of the original's maps with each copy's, also centred; NaN where there is no copy."""
    if not len(copies):
        nothing = np.full(len(original), np.nan)
        return {"value": nothing, "centred": nothing}
    one, others = (ground.at_resolution(each, resolution) for each in (original[None], copies))
    return {
        "value": correlations(one, others)[0].mean(0),
        "centred": correlations(centred(one), centred(others))[0].mean(0),
    }


def baselines_of(original: Maps, permuted: Maps, ground: Ground, resolution: Resolution) -> Numbers:
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


class BeyondX(NamedTuple):
    """Mean partial ρ with its 95 % interval over `redraws` and ECGs, crossed."""

    beyond_x: float
    beyond_x_low: float
    beyond_x_high: float
    redraws: int


def estimated(rhos: Float[np.ndarray, "redraw ecg"], patients: Sequence[str]) -> BeyondX:
    """The mean, with an interval where most redraws and ECGs have a ρ.

    A redraw without ρ for more than MOST_MISSING of the ECGs is left out, then the ECGs without ρ
    in any other. No interval for fewer than 2 patients, or where more than that share of the
    redraws or ECGs is left out. One network alone: the interval is over patients.
    """
    used = rhos[np.isnan(rhos).mean(1) <= MOST_MISSING]
    there = np.all(np.isfinite(used), axis=0) if len(used) else np.zeros(rhos.shape[1], bool)
    absent = 1 - float(there.mean())
    names = [name for name, has in zip(patients, there, strict=True) if has]
    mean = float(used[:, there].mean()) if there.any() else np.nan
    # One redraw that is left of several has no spread; a single one was asked for as such.
    redraws = len(used) >= max((1 - MOST_MISSING) * len(rhos), min(2, len(rhos)))
    if not redraws or absent > MOST_MISSING or len({*names}) < 2:
        return BeyondX(mean, np.nan, np.nan, len(used))
    # Twice the same network has no spread between networks: what is left is that of patients.
    values = used[:, there] if len(used) > 1 else used[:, there].repeat(2, axis=0)
    # ρ is at most 1, Student's interval is not.
    low, high = (float(np.clip(end, -1, 1)) for end in Crossed.of(names).interval(values))
    return BeyondX(mean, low, high, len(used))


# Where most maps are constant, a mean over the others would speak for the minority.
MOST_MISSING = 0.5
