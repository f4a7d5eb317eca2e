"""An evaluation with a metric of its own: how few points hold half of a map."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from ecglens.eval import (
    Evaluation,
    Finding,
    Measure,
    Networks,
    Subject,
    explained,
    left_out,
    linter_notes,
    stacked,
)
from jaxtyping import Float

HALF = Measure(
    name="half",
    label="Points for half of the map",
    unit="",
    higher_is_better=None,  # a sparse map is easier to read, not more faithful
    about="description",
    source="own definition",
    explained="Share of the points, largest first, that add up to half of Σ |map|.",
)


@dataclass(frozen=True)
class Sparsity(Evaluation):
    """The share of points that holds a given share of each map, of every network."""

    share: float = 0.5

    name = "sparsity"
    question = "How few points hold half of a map?"
    source = "own definition"

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"expected a share above 0 and below 1, got {self.share}")

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The share for every method, control and ECG."""
        nets = dict(enumerate(networks.nets))
        # Refuses a network that cannot be explained, before any map is computed.
        linted = linter_notes({f"network {k}": net for k, net in nets.items()}, subject)
        found = [explained(net, subject, f"network {k}") for k, net in nets.items()]
        # Scores of the methods that no network leaves out, with an axis for the noise draws.
        scores = stacked([{HALF.name: self.shares(each.maps)} for each in found])
        lowest = min(scores[HALF.name], key=lambda name: np.nanmean(scores[HALF.name][name]))
        return Finding(
            self.about(networks, subject),
            measures=(HALF,),
            scores=scores,
            sentence=f"The fewest points are needed by {lowest}.",
            notes=(*linted, *left_out(*found)),
        )

    def shares(self, maps: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The share of each ECG by method and control."""
        return {name: share_holding(each, self.share) for name, each in maps.items()}


def share_holding(
    maps: Float[np.ndarray, "ecg lead time"], part: float
) -> Float[np.ndarray, " ecg"]:
    """The smallest share of points whose |values| add up to `part` of the map; NaN if it is 0."""
    sizes = np.sort(np.abs(maps).reshape(len(maps), -1), axis=1)[:, ::-1].cumsum(1)
    whole = sizes[:, -1:]
    enough = (sizes < part * whole).sum(1) + 1
    return np.where(whole[:, 0] > 0, enough / sizes.shape[1], np.nan)
