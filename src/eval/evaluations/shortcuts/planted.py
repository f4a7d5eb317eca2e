"""Networks that learned a shortcut on purpose, and their clean twins (docs/shortcuts.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from jaxtyping import Float
from scipy.stats import rankdata
from torch import Tensor, nn

from ....ecg import (
    ExactParameters,
    Record,
    Shortcut,
    draw_exact,
    exact_beat,
    plant,
    planted,
    segment_mask,
)
from ....models import InUnits

# The measure that is meant for each kind.
MEANT: Mapping[str, str] = {
    "offset": "tp",
    "edge": "edges",
    "mains": "mains_map",
    "spike": "spikes",
    "calibration": "no_signal",
    "lead": "no_signal",
}
ECGS, EPOCHS, BATCH, LR = 600, 6, 32, 1e-2
SEED = 1963  # of the hearts; pair p learns from ECGs p · ECGS … and all are audited on NEW …
NEW = 2**31
LABEL, REFERENCE = "t", 501  # label, and number of other ECGs that its median is taken from
# AUROC of a network's output for the shortcut: cheating from the first (halfway from chance to
# certainty), clean up to the second. A method finds a kind from FOUND on.
CHEATS, CLEAN, FOUND = 0.75, 0.65, 0.9


@dataclass(frozen=True)
class Planted:
    """A network whose training ECGs have a shortcut that says the label, or is placed at random."""

    kind: str
    pair: int
    cheating: bool
    ecgs: int = ECGS
    epochs: int = EPOCHS

    def fitted(self) -> nn.Module:
        """The network; twins begin with the same weights and see the same order of ECGs."""
        strength = 1.0 if self.cheating else 0.0
        x, y, _, _ = world(self.kind, self.pair * self.ecgs, self.ecgs, strength)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.pair)
            net = fresh()
            adam = torch.optim.Adam(net.parameters())
            steps = self.epochs * -(-self.ecgs // BATCH)
            cycle = torch.optim.lr_scheduler.OneCycleLR(adam, LR, total_steps=steps)
            for _ in range(self.epochs):
                for rows in torch.randperm(self.ecgs).split(BATCH):
                    adam.zero_grad()
                    logit = net(x[rows])[:, 0]
                    nn.functional.binary_cross_entropy_with_logits(logit, y[rows]).backward()
                    adam.step()
                    cycle.step()
        return net.eval()


def fresh() -> InUnits:
    """Two convolutions with odd kernels, 3 500 weights; an output sees 150 ms."""
    return InUnits(
        nn.Sequential(
            nn.Conv1d(12, 8, 15, padding="same"),
            nn.BatchNorm1d(8),
            nn.ReLU(),
            nn.AvgPool1d(4),
            nn.Conv1d(8, 16, 15, padding="same"),
            nn.BatchNorm1d(16),
            nn.ReLU(),
            nn.AdaptiveAvgPool1d(1),
            nn.Flatten(),
            nn.Linear(16, 1),
        )
    )


def world(
    kind: str, start: int, count: int, strength: float
) -> tuple[Tensor, Tensor, np.ndarray, np.ndarray]:
    """x (µV), whether the label is high, where the shortcut is, and the marks of these beats."""
    shortcut, middle = Shortcut(kind, LABEL, strength), median()
    beats, high, present, segments = [], [], [], []
    for index in range(start, start + count):
        parameters, record = heart(index)
        is_high = parameters.labels[LABEL] > middle
        here = planted(shortcut, float(is_high), SEED, index).present
        beats.append((plant(record, shortcut, parameters) if here else record).beat)
        high.append(float(is_high))
        present.append(here)
        segments.append(segment_mask(parameters.marks, 600))
    x = torch.from_numpy(np.stack(beats))
    return x, torch.tensor(high), np.array(present), np.stack(segments)


@cache
def heart(index: int) -> tuple[ExactParameters, Record]:
    """ECG number `index` without any shortcut."""
    parameters = draw_exact(SEED, index)
    return parameters, exact_beat(parameters)


@cache
def median() -> float:
    """The median of the label."""
    return float(np.median([draw_exact(SEED, 2 * NEW + k).labels[LABEL] for k in range(REFERENCE)]))


def behaves(cheating: bool, tells: float) -> bool:
    """Whether a network is what it should be, by the AUROC of its output for the shortcut."""
    return tells >= CHEATS if cheating else tells <= CLEAN


def auroc(high: Float[np.ndarray, " one"], low: Float[np.ndarray, " other"]) -> float:
    """How often a number of the first is above one of the second; half where they are equal."""
    ranks = rankdata(np.concatenate([high, low]))[: len(high)]
    return float((ranks.sum() - len(high) * (len(high) + 1) / 2) / (len(high) * len(low)))
