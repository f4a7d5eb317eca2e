"""The steps of perturbation curves on the few ECGs that figures show."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, Int64

from .heatmaps.order import step_of_samples


@dataclass(frozen=True, eq=False)
class ShownSteps:
    """What the steps of each method change in the ECGs of a gallery, in the first draw.

    `units` number the points or segments of a lead: the one that each sample belongs to.
    `orders[name]` are those of each step, as lead · units of the ECG + unit. `changes` (µV) are
    added to the samples of a unit from its step on.
    """

    units: Int64[np.ndarray, "ecg time"]
    changes: Float[np.ndarray, "ecg lead time"]
    orders: Mapping[str, Int64[np.ndarray, "ecg step"]]

    def first(self, ecgs: int) -> "ShownSteps":
        """The steps on the first ECGs."""
        orders = {name: order[:ecgs] for name, order in self.orders.items()}
        return replace(self, units=self.units[:ecgs], changes=self.changes[:ecgs], orders=orders)

    def hit(self, name: str, ecg: int) -> Int64[np.ndarray, "lead time"]:
        """The step (1, 2, …) that changes each sample of an ECG; NEVER where none does."""
        order, units = (torch.from_numpy(each[ecg]) for each in (self.orders[name], self.units))
        return step_of_samples(order, units, self.changes.shape[1]).numpy()
