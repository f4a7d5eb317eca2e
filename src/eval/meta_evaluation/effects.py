"""Effects and counterfactual pairs as metrics, for networks whose truth is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..evaluations.effects.by_wave import MEASURES, Effects, agreement
from ..evaluations.effects.counterfactuals import MEASURES as OF_PAIRS
from ..evaluations.effects.measured import Effect, measured
from ..evaluations.effects.pairs import CHANGES, Pairs, pairs
from ..evaluations.effects.prediction import (
    Maps,
    PerPair,
    cosine,
    predicted,
    same_sign,
    share_moved,
    weighted,
)
from ..heatmaps.explained import Explained
from ..heatmaps.predictions import predictions
from ..subject import Subject
from .ecgs import exact_batch, known
from .metric import Metric
from .networks import NETWORKS

DONORS = Effects().donors
PAIRS_SEED = 0  # which way each ECG is changed; the ECGs are the same for every seed


@dataclass(frozen=True)
class Swapped:
    """A measure of effect by wave. Raises ValueError for other ECGs."""

    measure: str

    higher_is_better: ClassVar[bool] = True

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        heatmap: Float[Tensor, "batch lead time"],
        seed: int,
    ) -> Float[Tensor, " batch"]:
        subject = Subject(known(x), {}, seed=seed)
        explained = Explained({"map": heatmap.numpy()}, np.zeros(len(x)), {})
        scores = agreement(explained, _moved(net, len(x), seed), subject)
        return torch.from_numpy(scores[self.measure]["map"])


# All measures read the same networks.
@lru_cache(maxsize=len(NETWORKS))
def _moved(net: nn.Module, count: int, seed: int) -> Effect:
    subject = Subject(exact_batch(count), {}, seed=seed, progress=False)
    return measured(net, subject, DONORS)


@dataclass(frozen=True)
class Counterfactual:
    """A measure of counterfactual pairs; every map here is one of contributions.

    Raises ValueError for ECGs other than those of `changed_ecgs`.
    """

    measure: str

    higher_is_better: ClassVar[bool] = True

    @staticmethod
    def changed_ecgs(count: int) -> Float[Tensor, "batch lead time"]:
        """The ECGs, then all with each label changed; one without a pair as it is."""
        return torch.cat([exact_batch(count).x, *(each.x for each in _pairs(count))])

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        heatmap: Float[Tensor, "batch lead time"],
        seed: int,
    ) -> Float[Tensor, " ecg"]:
        count = len(x) // (1 + len(CHANGES))
        known(x[:count])
        there = np.isfinite(np.stack([each.by for each in _pairs(count)]))
        before, after = _beside(heatmap, count)
        moved = np.where(there, _outputs(net, x, count), np.nan)
        if self.measure == "moved":
            shares = share_moved(before, after, _moves(x, count))
            return torch.from_numpy(weighted(np.where(there, shares, np.nan), moved))
        expected = predicted(before, after, _moves(x, count), slope=False)
        rule = {"cosine": cosine, "sign": same_sign}[self.measure]
        return torch.from_numpy(rule(np.where(there, expected, np.nan), moved))


@lru_cache(maxsize=4)
def _pairs(count: int) -> list[Pairs]:
    return pairs(exact_batch(count), PAIRS_SEED)


def _beside(values: Float[Tensor, "batch lead time"], count: int) -> tuple[Maps, Maps]:
    """Values before and after the change, by pair and ECG."""
    own, *changed = values.numpy().reshape(-1, count, *values.shape[1:])
    after = np.stack(changed)
    return np.broadcast_to(own, after.shape), after


def _moves(x: Float[Tensor, "batch lead time"], count: int) -> Maps:
    before, after = _beside(x, count)
    return after - before


def _outputs(net: nn.Module, x: Float[Tensor, "batch lead time"], count: int) -> PerPair:
    """Δf of each pair."""
    own, *changed = predictions(net, x, target=0).reshape(-1, count)
    return np.stack(changed) - own


EFFECTS: Mapping[str, Metric] = {
    **{f"effects, {each.name}": Swapped(each.name) for each in MEASURES},
    **{f"counterfactuals, {each.name}": Counterfactual(each.name) for each in OF_PAIRS},
}
