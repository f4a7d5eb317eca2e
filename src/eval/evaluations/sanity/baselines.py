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
from ...heatmaps.explained import Heatmaps, explained
from ...heatmaps.order import NEAR
from ...statistics.crossed import Crossed
from ...subject import Subject, partners
from .correlation import (
    Resolution,
    Scale,
    at_resolution,
    beyond_directions,
    correlations,
    directions,
    spearman,
)

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


@dataclass(frozen=True)
class JudgedMaps:
    """One of the quantities judged: absolute maps at a scale, whole or less their mean map."""

    scale: Scale
    centred: bool

    def __str__(self) -> str:
        return f"by {self.scale}, mean map removed" if self.centred else f"by {self.scale}"


# Single samples are what the perturbation score ranks; 40 ms is what a reader of a heatmap sees,
# and sums over it show a template that noise from point to point hides.
JUDGED_MAPS = tuple(
    JudgedMaps(scale, centred) for scale in ("sample", "40 ms") for centred in (False, True)
)


class Kept(NamedTuple):
    """A mean over redraws and ECGs with its 95 % interval over both, crossed.

    `below` and `above` are the one-sided p of "at least the limit" and of "below the limit".
    `missing` is the share of ECGs without a value, `redraws` how many networks count.
    """

    value: float
    low: float
    high: float
    below: float
    above: float
    missing: float
    redraws: int


@dataclass(frozen=True)
class Residuals:
    """Residuals of maps of these ECGs beyond |x|; the ranks of |x| are made once."""

    ground: Ground
    patients: Sequence[str]

    def of(
        self, maps: Float[np.ndarray, "ecg lead time"], part: JudgedMaps
    ) -> Float[np.ndarray, "ecg point"]:
        """Residual ranks of length 1; their product with another's sums to the partial ρ.

        Centred, the mean map over the ECGs of all other patients is subtracted first, and |x| less
        its mean is given too, since maps multiplied by x share that.
        """
        values = self.ground.at_resolution(maps, Resolution(part.scale, "absolute"))
        if part.centred:
            values = less_others(values, self.patients)
        return beyond_directions(values, self._given[part])

    @cached_property
    def _given(self) -> Mapping[JudgedMaps, Sequence[Float[np.ndarray, "ecg point"]]]:
        found = {}
        for part in JUDGED_MAPS:
            x = self.ground.at_resolution(self.ground.x, Resolution(part.scale, "absolute")).astype(
                np.float64
            )
            given = (x, less_others(x, self.patients)) if part.centred else (x,)
            found[part] = directions(*given)
        return found


def partial_rhos(
    original: Float[np.ndarray, "ecg lead time"],
    redrawn: Float[np.ndarray, "redraw ecg lead time"],
    residuals: Residuals,
    parts: Sequence[JudgedMaps] = JUDGED_MAPS,
) -> Mapping[JudgedMaps, Float[np.ndarray, "redraw ecg"]]:
    """Partial ρ given |x| of the original's map of each ECG with that of each redrawn network."""
    found = {}
    for part in parts:
        own = residuals.of(original, part)
        each = [(own * residuals.of(maps, part)).sum(-1) for maps in redrawn]
        found[part] = np.reshape(each, (len(redrawn), len(original)))
    return found


def less_others(
    values: Float[np.ndarray, "ecg point"], patients: Sequence[str]
) -> Float[np.ndarray, "ecg point"]:
    """Maps less the mean map of all other patients' ECGs; 0 where one patient has all.

    Rounding alone is 0: where all ECGs have one map, nothing is left.
    """
    number = np.unique(np.asarray(patients), return_inverse=True)[1]
    same = (number[:, None] == number).astype(np.float64)
    others = len(number) - same.sum(1, keepdims=True)
    mean = (values.sum(0, dtype=np.float64) - same @ values) / np.maximum(others, 1)
    left = np.where(others > 0, values - mean, 0.0)
    largest = np.abs(values).max(-1, keepdims=True)
    return np.where(np.abs(left).max(-1, keepdims=True) <= ROUNDING * largest, 0.0, left)


# Sums over ECGs in float64 of maps in float32 that are equal.
ROUNDING = 1e-6


def estimated(
    rhos: Float[np.ndarray, "redraw ecg"], patients: Sequence[str], limit: float, missing: float
) -> Kept:
    """The mean and how significantly it is below or above the limit.

    A redraw without ρ for more than the share `missing` of the ECGs is left out, then the ECGs
    without ρ in any other. No interval for fewer than 2 patients, or where more than that share of
    the redraws or ECGs is left out. One network alone: the interval is over patients.
    """
    used = rhos[np.isnan(rhos).mean(1) <= missing]
    there = np.all(np.isfinite(used), axis=0) if len(used) else np.zeros(rhos.shape[1], bool)
    absent = 1 - float(there.mean())
    names = [name for name, has in zip(patients, there, strict=True) if has]
    mean = float(used[:, there].mean()) if there.any() else np.nan
    # One redraw that is left of several has no spread; a single one was asked for as such.
    redraws = len(used) >= max((1 - missing) * len(rhos), min(2, len(rhos)))
    if not redraws or absent > missing or len({*names}) < 2:
        return Kept(mean, np.nan, np.nan, 1.0, 1.0, absent, len(used))
    # Twice the same network has no spread between networks: what is left is that of patients.
    values = used[:, there] if len(used) > 1 else used[:, there].repeat(2, axis=0)
    crossed = Crossed.of(names)
    # ρ is at most 1, Student's interval is not.
    low, high = (float(np.clip(end, -1, 1)) for end in crossed.interval(values))
    tail = float(crossed.p(values - limit)) / 2
    below, above = (tail, 1 - tail) if mean < limit else (1 - tail, tail)
    return Kept(mean, low, high, below, above, absent, len(used))
