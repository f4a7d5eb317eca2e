"""Measures of axioms, degradation, effects and localisation as metrics of the meta-evaluation.

The region of localisation is where the network's true contributions are not 0 in this ECG: there is
no better one. A true contribution may be negative, so measures that take positive relevance alone
are validated as published and of |map|.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
import torch
from ecglens.ecg import R_INDEX
from ecglens.engine import sample_ids
from ecglens.eval import Evaluation, Explained, Networks, Subject
from ecglens.explain import GivenMaps
from ecglens_metrics import (
    Against,
    Degradation,
    Effects,
    against,
    completeness_gap,
    effects_of,
    pair_scores,
    pairs,
    predicted,
    removed,
    scaled_infidelity,
    share_moved,
    spatial_specificity,
    temporal_profile,
    temporal_specificity,
)
from jaxtyping import Float, Float64
from torch import Tensor, nn

from .maps import exact_batch, known
from .metrics import Ecgs, Metric, Scores, outputs, store_of
from .networks import NETWORKS, Edge, HandSet, truth_from_mean, truth_of

PAIRS_SEED = 0  # which way each ECG is changed; the ECGs are the same for every seed
AREAS = ("aup", "aur", "aupr")
SINGLE = ("pointing_game", "relevance_rank", "top_iou", "relevance_mass")

Maps = Float[np.ndarray, "ecg lead time"]
Pairs = Float[np.ndarray, "pair ecg lead time"]


@dataclass(frozen=True)
class Gap:
    """The completeness gap against 0 µV, by the scale that is printed."""

    higher_is_better: ClassVar[bool] = False

    def __call__(self, net: nn.Module, x: Ecgs, heatmap: Ecgs, seed: int) -> Scores:
        nothing, *own = outputs(net, torch.cat([torch.zeros_like(x[:1]), x]))
        return torch.from_numpy(completeness_gap(heatmap.numpy(), np.array(own) - nothing))


@dataclass(frozen=True)
class Infidelity:
    """Infidelity of a map of contributions. Raises ValueError for other ECGs."""

    higher_is_better: ClassVar[bool] = False

    def __call__(self, net: nn.Module, x: Ecgs, heatmap: Ecgs, seed: int) -> Scores:
        known(x)
        return scaled_infidelity(heatmap, x, _removed(net, len(x)), slope=False)


# The maps of a network are scored one after the other.
@lru_cache(maxsize=len(NETWORKS))
def _removed(net: nn.Module, count: int) -> Float64[Tensor, "ecg window"]:
    return torch.from_numpy(removed(net, Subject(exact_batch(count), {}, progress=False)))


@dataclass(frozen=True)
class Printed:
    """A measure as an evaluation prints it, of an output that is no probability.

    Raises ValueError for other ECGs than those of the meta-evaluation.
    """

    evaluation: Evaluation
    measure: str

    higher_is_better: ClassVar[bool] = True

    def __call__(self, net: nn.Module, x: Ecgs, heatmap: Ecgs, seed: int) -> Scores:
        known(x)
        values = heatmap.contiguous().numpy().tobytes()
        return torch.from_numpy(_scores(self.evaluation, net, seed, values)[self.measure])


# All measures read the same maps of a network; there are some 20.
@lru_cache(maxsize=32)
def _scores(
    evaluation: Evaluation, net: nn.Module, seed: int, maps: bytes
) -> Mapping[str, Float[np.ndarray, " ecg"]]:
    heatmaps = torch.from_numpy(np.frombuffer(maps, np.float32).copy())
    heatmaps = heatmaps.reshape(-1, *exact_batch(1).x.shape[1:])
    ecgs = exact_batch(len(heatmaps))
    given = {"map": GivenMaps(dict(zip(sample_ids(ecgs.x), heatmaps, strict=True)))}
    subject = Subject(ecgs, given, seed=seed, store=store_of(net), progress=False)
    finding = evaluation(Networks([net]), subject)
    return {name: each["map"][0, 0] for name, each in finding.scores.items()}


@dataclass(frozen=True)
class WaveEffect:
    """A measure of effects by wave; `truth` is the map that its question asks for.

    Raises ValueError for other ECGs than those of the meta-evaluation.
    """

    measure: str
    truth: Callable[[HandSet | Edge, Tensor], Tensor] = truth_of

    higher_is_better: ClassVar[bool] = True

    def __call__(self, net: nn.Module, x: Ecgs, heatmap: Ecgs, seed: int) -> Scores:
        ecgs = known(x)
        subject = Subject(ecgs, {}, seed=seed, store=store_of(net), progress=False)
        effects = effects_of(net, subject, Effects().donors)
        found = Explained({"map": heatmap.numpy()}, outputs(net, x), {})
        scores = Against(effects, found, None, subject).scores
        return torch.from_numpy(scores[self.measure]["map"])


@dataclass(frozen=True)
class Counterfactual:
    """A measure of counterfactual pairs; every map here is one of contributions.

    Raises ValueError for ECGs other than those of `changed_ecgs`.
    """

    measure: str

    higher_is_better: ClassVar[bool] = True

    @staticmethod
    def changed_ecgs(count: int) -> Ecgs:
        """The ECGs, then all with each label changed; one without a pair as it is."""
        return torch.cat([exact_batch(count).x, *(each.x for each in _pairs(count))])

    def __call__(self, net: nn.Module, x: Ecgs, heatmap: Ecgs, seed: int) -> Scores:
        count = len(x) // len(self.changed_ecgs(1))
        known(x[:count])
        there = np.isfinite(np.stack([each.by for each in _pairs(count)]))
        own, *changed = outputs(net, x).reshape(-1, count)
        moved = np.where(there, np.stack(changed) - own, np.nan)
        (before, after), (first, last) = _beside(heatmap, count), _beside(x, count)
        expected = predicted(before, after, last - first, slope=False)
        shares = share_moved(before, after, last - first)
        scores = pair_scores(expected, np.where(there, shares, np.nan), moved)
        return torch.from_numpy(scores[self.measure])


@lru_cache(maxsize=4)
def _pairs(count: int):
    return pairs(exact_batch(count), PAIRS_SEED)


def _beside(values: Ecgs, count: int) -> tuple[Pairs, Pairs]:
    """Values before and after the change."""
    own, *changed = values.numpy().reshape(-1, count, *values.shape[1:])
    after = np.stack(changed)
    return np.broadcast_to(own, after.shape), after


@dataclass(frozen=True)
class AgainstTruth:
    """A measure against the region of the truth; the lead is that with most of the truth.

    Raises ValueError for a network whose truth is not known.
    """

    measure: str
    absolute: bool = False

    higher_is_better: ClassVar[bool] = True

    def __call__(self, net: nn.Module, x: Ecgs, heatmap: Ecgs, seed: int) -> Scores:
        truth, maps = truth_of(net, x).numpy(), heatmap.numpy()
        return torch.from_numpy(self._scores(truth, np.abs(maps) if self.absolute else maps))

    def _scores(self, truth: Maps, maps: Maps) -> Float[np.ndarray, " ecg"]:
        if self.measure == "spatial_specificity":
            return spatial_specificity(maps, int(np.abs(truth).sum((0, 2)).argmax()))
        if self.measure == "temporal_specificity":
            # A profile has the moments around the R peak; that of the truth is 0 elsewhere.
            moments = [temporal_profile(one, [R_INDEX]) * bool(one.any()) > 0 for one in truth]
            profiles = [temporal_profile(one, [R_INDEX]) for one in maps]
            pairs = zip(profiles, moments, strict=True)
            return np.array([temporal_specificity(*pair) for pair in pairs])
        flat = (len(maps), -1)
        return against(maps.reshape(flat), (truth != 0).reshape(flat))[self.measure]


AXIOMS: Mapping[str, Metric] = {"axioms, completeness": Gap(), "axioms, infidelity": Infidelity()}
DEGRADATION: Mapping[str, Metric] = {
    f"degradation, {name}": Printed(Degradation(), name)
    for name in ("degradation", "aucs_top", "f1s")
}
EFFECTS: Mapping[str, Metric] = {
    **{f"effects, {name}": WaveEffect(name) for name in ("leads", "waves")},
    "effects, adds": WaveEffect("adds", truth_from_mean),
    **{f"counterfactuals, {name}": Counterfactual(name) for name in ("cosine", "sign", "moved")},
}
LOCALISATION: Mapping[str, Metric] = {
    **{name: AgainstTruth(name) for name in SINGLE},
    **{f"{name}, of |map|": AgainstTruth(name, absolute=True) for name in SINGLE},
    **{name: AgainstTruth(name) for name in (*AREAS, "spatial_specificity")},
    "temporal_specificity": AgainstTruth("temporal_specificity"),
}
