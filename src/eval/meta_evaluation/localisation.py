"""Measures of localisation as metrics, for networks whose truth is known.

The region is where the network's true contributions are not 0 in this ECG: there is no better one.
A true contribution may be negative, so measures that take positive relevance alone are validated as
published and of |map|.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...ecg import R_INDEX
from ..evaluations.localisation.measures import SINGLE
from ..evaluations.localisation.specificity import (
    spatial_specificity,
    temporal_profile,
    temporal_specificity,
)
from ..evaluations.localisation.weighted import weighted_areas
from ..heatmaps.beat_window import windows
from .metric import Metric
from .truth import truth_of

AREAS = ("aup", "aur", "aupr")


@dataclass(frozen=True)
class AgainstTruth:
    """A measure against the region of the truth; the lead is that with most of the truth.

    Raises ValueError for a network whose truth is not known.
    """

    measure: str
    absolute: bool = False

    higher_is_better: ClassVar[bool] = True

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        heatmap: Float[Tensor, "batch lead time"],
        seed: int,
    ) -> Float[Tensor, " batch"]:
        truth, maps = truth_of(net, x).numpy(), heatmap.numpy()
        return torch.from_numpy(self._scores(truth, np.abs(maps) if self.absolute else maps))

    def _scores(
        self, truth: Float[np.ndarray, "ecg lead time"], maps: Float[np.ndarray, "ecg lead time"]
    ) -> Float[np.ndarray, " ecg"]:
        flat = (len(maps), -1)
        region = (truth != 0).reshape(flat)
        if self.measure == "spatial_specificity":
            return spatial_specificity(maps, int(np.abs(truth).sum((0, 2)).argmax()))
        if self.measure == "temporal_specificity":
            moments = [windows(one.any(0), [R_INDEX])[0] for one in truth != 0]
            profiles = [temporal_profile(one, [R_INDEX]) for one in maps]
            pairs = zip(profiles, moments, strict=True)
            return np.array([temporal_specificity(*pair) for pair in pairs])
        if self.measure in SINGLE:
            return SINGLE[self.measure](maps.reshape(flat), region)
        return weighted_areas(maps.reshape(flat), region)._asdict()[self.measure]


LOCALISATION: Mapping[str, Metric] = {
    **{name: AgainstTruth(name) for name in SINGLE},
    **{f"{name}, of |map|": AgainstTruth(name, absolute=True) for name in SINGLE},
    **{name: AgainstTruth(name) for name in (*AREAS, "spatial_specificity")},
    "temporal_specificity": AgainstTruth("temporal_specificity"),
}
