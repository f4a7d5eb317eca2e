"""Known changes of ECGs, what they did to an output, and what a map says they do."""

from dataclasses import dataclass

import numpy as np
import torch
from ecglens.ecg import exact_beat
from ecglens.engine import one_thread
from ecglens_measure.doses import applied, doses, marked
from jaxtyping import Bool, Float
from torch import nn

from .hearts import Ecgs
from .sittings import Maps

# Changes of the signal where it is: sizes of waves, in all leads or in some, and leads off.
CHOSEN = (
    "p", "q", "r", "s", "t", "st", "t_v5", "t_anterior", "t_lateral", "t_inferior",
    *(f"lead_off_{lead}" for lead in ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")),
)  # fmt: skip
FEWEST = 8  # doses that an ECG is given, for a rank correlation of it
PART = 0.05  # of the largest change: below, a point counts as unchanged


@dataclass(frozen=True, eq=False)
class Measured:
    """Changes of each ECG by each dose, in µV, and |change of the output|; `given` where it fits.

    ECGs that were given fewer than FEWEST doses have been left out: `kept` are the others.
    """

    x: Float[np.ndarray, "ecg lead time"]
    changes: Float[np.ndarray, "dose ecg lead time"]
    effects: Float[np.ndarray, "ecg dose"]
    given: Bool[np.ndarray, "ecg dose"]
    kept: Bool[np.ndarray, " every"]

    def claims(self, maps: Maps, slope: bool) -> Float[np.ndarray, "ecg dose"]:
        """What maps of all ECGs say: |Σ slope · change|, or |Σ contributions| · relative change."""
        own, found = maps[self.kept].astype(float), []
        for changes in self.changes:
            sizes = np.abs(changes)
            if slope:
                found.append(np.abs((own * changes).sum((1, 2))))
                continue
            there = sizes > PART * sizes.max((1, 2), keepdims=True)
            moved, was = (np.where(there, each, 0.0) for each in (sizes, np.abs(self.x)))
            total = was.sum((1, 2))
            relative = np.divide(moved.sum((1, 2)), total, out=np.zeros(len(own)), where=total > 0)
            found.append(np.abs(np.where(there, own, 0.0).sum((1, 2))) * relative)
        return np.stack(found, 1)


def measured(net: nn.Module, ecgs: Ecgs) -> Measured:
    """Effects of the doses of CHOSEN, each of the first of its usual sizes that is above 0.

    The changes are those of the ECGs without their noise, which stays.
    """
    clean = np.stack([exact_beat(one).signal for one in ecgs.parameters])
    known = marked(clean, parameters=ecgs.parameters)
    changes = np.zeros((len(CHOSEN), *clean.shape))
    given = np.zeros((len(CHOSEN), len(clean)), bool)
    for number, dose in enumerate(doses([*CHOSEN]).values()):
        size = next(each for each in dose.sizes if each > 0)
        found = applied(known, dose, size)
        changes[number, found.index] = found.x - clean[found.index]
        given[number, found.index] = True
    with torch.no_grad(), one_thread():
        before = net(ecgs.x)
        effects = [net(ecgs.x + torch.from_numpy(each).float()) - before for each in changes]
    kept = given.sum(0) >= FEWEST
    return Measured(
        ecgs.x.numpy()[kept],
        changes[:, kept],
        np.abs(torch.cat(effects, 1).numpy())[kept],
        given.T[kept],
        kept,
    )
