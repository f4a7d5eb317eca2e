"""An evaluation with a metric of its own: how few points hold half of a map."""

from dataclasses import dataclass

import numpy as np
from ecglens.eval import Evaluation, Finding, Measure, Networks, Subject, explained
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
    view = "ecg_plugin.view.SparsityView"

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"expected a share above 0 and below 1, got {self.share}")

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The share for every method, control and ECG."""
        found = [explained(net, subject, self.name).maps for net in networks.nets]
        common = [name for name in found[0] if all(name in maps for maps in found)]
        shares = {
            name: np.stack([share_holding(maps[name], self.share) for maps in found])[:, None]
            for name in common
        }
        lowest = min(common, key=lambda name: shares[name].mean())
        return Finding(
            self.about(networks, subject),
            measures=(HALF,),
            scores={HALF.name: shares},
            sentence=f"The fewest points are needed by {lowest}.",
        )


def share_holding(
    maps: Float[np.ndarray, "ecg lead time"], part: float
) -> Float[np.ndarray, " ecg"]:
    """The smallest share of points whose |values| add up to `part` of the map; NaN if it is 0."""
    sizes = np.sort(np.abs(maps).reshape(len(maps), -1), axis=1)[:, ::-1].cumsum(1)
    whole = sizes[:, -1:]
    enough = (sizes < part * whole).sum(1) + 1
    return np.where(whole[:, 0] > 0, enough / sizes.shape[1], np.nan)
