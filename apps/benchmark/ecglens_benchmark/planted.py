"""Planted shortcuts as a part of the suite: whether maps tell networks that cheat from others.

The networks learned a shortcut on purpose; their twins are clean (docs/shortcuts.md).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import Shortcut, draw_exact, exact_beat, plant, planted, segment_mask, tied
from ecglens.engine import torch_seeded
from ecglens.eval import Subject, explained, progress_bar
from ecglens.explain import Method, controls
from ecglens.models import InUnits
from ecglens.store import Step, Store
from ecglens_metrics import audit
from jaxtyping import Float
from scipy.stats import rankdata
from torch import Tensor, nn

from .parts import Outcome, PartVerdict, Score, mean_of, plain
from .suite import Tier

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
KEPT = Step("planted", version=1)
OTHERS = 16
LEAST_KINDS = 4
FEWEST = 3  # networks of either sort, below which a kind is not judged


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
        with torch_seeded(self.pair):
            net = fresh()
            learn(net, x, y, nn.functional.binary_cross_entropy_with_logits, self.epochs)
        return net.eval()


def learn(
    net: nn.Module, x: Tensor, y: Tensor, loss: Callable[[Tensor, Tensor], Tensor], epochs: int
) -> None:
    """Fit the one output of a network to y, by torch's own random numbers."""
    adam = torch.optim.Adam(net.parameters())
    steps = epochs * -(-len(x) // BATCH)
    cycle = torch.optim.lr_scheduler.OneCycleLR(adam, LR, total_steps=steps)
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(BATCH):
            adam.zero_grad()
            loss(net(x[rows])[:, 0], y[rows]).backward()
            adam.step()
            cycle.step()


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


@dataclass(frozen=True)
class Hearts:
    """Hearts by the seed of their draw, and the label that is high or low."""

    seed: int = SEED
    label: str = LABEL


def world(
    kind: str, start: int, count: int, strength: float, hearts: Hearts = Hearts()
) -> tuple[Tensor, Tensor, np.ndarray, np.ndarray]:
    """x (µV), whether the label is high, where the shortcut is, and the marks of these beats.

    "tied" gives an ECG the PR that has the rank of its label; where PR is above its median, the
    shortcut counts as present.
    """
    label, seed = hearts.label, hearts.seed
    shortcut, middle = Shortcut(kind, label, strength), median(label, seed)
    beats, high, present, segments = [], [], [], []
    for index in range(start, start + count):
        parameters, record = _heart(seed, index)
        is_high = parameters.labels[label] > middle
        here = planted(shortcut, float(is_high), seed, index).present
        if kind == "tied" and here:
            rank = float(np.mean(others(label, seed) <= parameters.labels[label]))
            parameters = tied(parameters, rank)
            record = exact_beat(parameters)
        beats.append((plant(record, shortcut, parameters) if here else record).beat)
        if kind == "tied":
            here = parameters.labels["pr"] > median("pr", seed)
        high.append(float(is_high))
        present.append(here)
        segments.append(segment_mask(parameters.marks, 600))
    x = torch.from_numpy(np.stack(beats))
    return x, torch.tensor(high), np.array(present), np.stack(segments)


@cache
def _heart(seed: int, index: int):
    """Parameters and record of ECG number `index`, without any shortcut."""
    parameters = draw_exact(seed, index)
    return parameters, exact_beat(parameters)


@cache
def median(label: str = LABEL, seed: int = SEED) -> float:
    """The median of a label."""
    return float(np.nanmedian(others(label, seed)))


@cache
def others(label: str = LABEL, seed: int = SEED) -> Float[np.ndarray, " ecg"]:
    """A label of the ECGs that nothing is trained or tested on."""
    return np.array([draw_exact(seed, 2 * NEW + k).labels[label] for k in range(REFERENCE)])


def behaves(cheating: bool, tells: float) -> bool:
    """True if a network is what it should be, by the AUROC of its output for the shortcut."""
    return tells >= CHEATS if cheating else tells <= CLEAN


def auroc(high: Float[np.ndarray, " one"], low: Float[np.ndarray, " other"]) -> float:
    """Share of pairs in which the first number is above the second; half where they are equal."""
    ranks = rankdata(np.concatenate([high, low]))[: len(high)]
    return float((ranks.sum() - len(high) * (len(high) + 1) / 2) / (len(high) * len(low)))


def shortcuts_outcome(methods: Mapping[str, Method], tier: Tier, store: Store) -> Outcome:
    """AUROC of cheating against clean networks by kind, of the one method and the controls."""
    (own,) = methods
    rows: dict[str, list[float]] = {name: [] for name in (own, *controls())}
    with progress_bar(len(MEANT) * tier.pairs * 2, "planted shortcuts", True) as done:
        for kind in MEANT:
            sides = _of_kind(kind, methods, tier, store, done.update)
            for name, each in rows.items():
                cheating, clean = sides.get(name, ([], []))
                enough = min(len(cheating), len(clean)) >= min(FEWEST, tier.pairs)
                each.append(auroc(np.array(cheating), np.array(clean)) if enough else np.nan)
    return outcome_of(own, rows)


def outcome_of(own: str, rows: Mapping[str, Sequence[float]]) -> Outcome:
    """Outcome from the AUROC of each kind; NaN for a kind that could not be judged."""
    values = np.array(rows[own])
    judged = np.isfinite(values)
    found = [kind for kind, value in zip(MEANT, values, strict=True) if value >= FOUND]
    score = Score(
        name="shortcuts/auroc",
        part="shortcuts",
        label="AUROC of networks that cheat",
        better="higher",
        over="kinds",
        value=plain(values[judged].mean()) if judged.any() else None,
        low=None,
        high=None,
        beats=None,
        rows={name: [plain(each) for each in kinds] for name, kinds in rows.items()},
    )
    said = f"{len(found)} of {int(judged.sum())} kinds found"
    named = f"{said}: {', '.join(found)}" if found else said
    verdict: PartVerdict = "cannot be said"
    if not judged.any():
        verdict = "not tried"
    elif len(found) >= LEAST_KINDS:
        verdict = "passes"
    elif len(found) + int((~judged).sum()) < LEAST_KINDS:
        verdict = "fails"
    return Outcome("shortcuts", verdict, named, (score,))


def _of_kind(
    kind: str, methods: Mapping[str, Method], tier: Tier, store: Store, done: Callable[[], object]
) -> dict[str, tuple[list[float], list[float]]]:
    """By method the mean shares of the cheating and of the clean networks that behave."""
    x, y, present, segments = world(kind, NEW, tier.audited + OTHERS, strength=0.0)
    count = tier.audited
    names = [f"planted-{kind}-{number}" for number in range(count)]
    batch = Batch(x[:count], y[:count, None], torch.from_numpy(segments[:count]), names)
    subject = Subject(batch, methods, background=x[count:], store=store, progress=False)
    found: dict[str, tuple[list[float], list[float]]] = {}
    for pair in range(tier.pairs):
        for cheating in (True, False):
            net = kept_network(Planted(kind, pair, cheating), store)
            made = explained(net, subject, kind)
            there = present[:count]
            if behaves(cheating, auroc(made.outputs[there], made.outputs[~there])):
                shares = audit(made.maps, x[:count].numpy(), segments[:count]).shares
                for name, each in shares[MEANT[kind]].items():
                    sides = found.setdefault(name, ([], []))
                    sides[not cheating].append(mean_of(each))
            done()
    return found


def kept_network(planted: Planted, store: Store) -> nn.Module:
    """The fitted network, from the store where it is there."""
    return kept(store, KEPT, vars(planted), fresh, planted.fitted)


def kept(
    store: Store,
    step: Step,
    settings: Mapping[str, Any],
    make: Callable[[], nn.Module],
    fitted: Callable[[], nn.Module],
) -> nn.Module:
    """What `fitted` gives, from the store where it is there; `make` gives one of its shape."""

    def build(folder: Path) -> None:
        torch.save(fitted().state_dict(), folder / "net.pt")

    net, folder = make(), store.folder(step, settings, build)
    net.load_state_dict(torch.load(folder / "net.pt", weights_only=True))
    return net.eval()
