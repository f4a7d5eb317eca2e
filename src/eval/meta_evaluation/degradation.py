"""The scores of degradation as metrics, for networks whose truth is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...ecg import BEAT_LENGTH, LEADS
from ..evaluations.degradation.curves import Rules, taken
from ..evaluations.degradation.evaluation import MEASURES, Degradation, scored
from ..heatmaps.probe import Probe
from ..subject import Subject
from .ecgs import exact_batch, known
from .metric import Metric

SETTINGS = Degradation()
SHAPE = (len(LEADS), BEAT_LENGTH)


@dataclass(frozen=True)
class Degraded:
    """A score by the default settings, of an output that is no probability.

    The change is divided by its mean over all ECGs, the same for every map. Raises ValueError for
    other ECGs than those of the meta-evaluation.
    """

    measure: str

    higher_is_better: ClassVar[bool] = True

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        heatmap: Float[Tensor, "batch lead time"],
        seed: int,
    ) -> Float[Tensor, " batch"]:
        known(x)
        return torch.from_numpy(_scores(net, seed, heatmap.numpy().tobytes())[self.measure])


# All scores read the same maps of a network; there are some 20.
@lru_cache(maxsize=32)
def _scores(net: nn.Module, seed: int, maps: bytes) -> Mapping[str, np.ndarray]:
    heatmaps = torch.from_numpy(np.frombuffer(maps, np.float32).copy()).reshape(-1, *SHAPE)
    probe = Probe(net, "", Subject(exact_batch(len(heatmaps)), {}, seed=seed))
    rules = Rules(SETTINGS.fill, SETTINGS.steps, positive=False)
    each = [taken(probe, ecg, one, rules) for ecg, one in enumerate(heatmaps)]
    curves = {name: torch.stack([one[name] for one in each]).double().numpy() for name in each[0]}
    return scored(curves, probability=False)


DEGRADATION: Mapping[str, Metric] = {
    f"degradation, {each.name}": Degraded(each.name) for each in MEASURES
}
