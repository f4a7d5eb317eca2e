"""The two axioms of faithfulness as metrics, for networks whose truth is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn

from ..evaluations.axioms.infidelity import predicted_change, scaled, windows
from ..evaluations.axioms.numbers import completeness_gap
from ..evaluations.axioms.removed import removed
from ..heatmaps.predictions import predictions
from ..subject import Subject
from .ecgs import exact_batch, known
from .metric import Metric
from .networks import NETWORKS


@dataclass(frozen=True)
class Gap:
    """The completeness gap against 0 µV, by the scale that is printed."""

    higher_is_better: ClassVar[bool] = False

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        heatmap: Float[Tensor, "batch lead time"],
        seed: int,
    ) -> Float[Tensor, " batch"]:
        ends = torch.cat([torch.zeros_like(x[:1]), x])
        nothing, *own = predictions(net, ends, target=0)
        return torch.from_numpy(completeness_gap(heatmap.numpy(), np.array(own) - nothing))


@dataclass(frozen=True)
class Infidelity:
    """Infidelity of a map of contributions. Raises ValueError for other ECGs."""

    higher_is_better: ClassVar[bool] = False

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        heatmap: Float[Tensor, "batch lead time"],
        seed: int,
    ) -> Float[Tensor, " batch"]:
        away = windows(*known(x).x.shape[1:])
        pairs = zip(heatmap, x, strict=True)
        predicted = torch.stack(
            [predicted_change(one, ecg, away, slope=False) for one, ecg in pairs]
        )
        return scaled(predicted, _moved(net, len(x)))


# The maps of a network are scored one after the other.
@lru_cache(maxsize=len(NETWORKS))
def _moved(net: nn.Module, count: int) -> Float64[Tensor, "ecg window"]:
    subject = Subject(exact_batch(count), {}, progress=False)
    return torch.from_numpy(removed(net, subject))


AXIOMS: Mapping[str, Metric] = {"axioms, completeness": Gap(), "axioms, infidelity": Infidelity()}
