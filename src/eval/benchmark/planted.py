"""Planted shortcuts as a part of the suite: whether maps tell networks that cheat from others."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool
from torch import nn

from ...datamodules import Batch
from ...explain import Method, with_controls
from ...store import Step, Store
from ..evaluations.shortcuts.audit import audit
from ..evaluations.shortcuts.planted import (
    FOUND,
    MEANT,
    NEW,
    Planted,
    auroc,
    behaves,
    fresh,
    world,
)
from ..heatmaps.explained import explained
from ..progress import progress_bar
from ..subject import Subject
from .parts import Outcome, Verdict
from .scores import Score, plain
from .suite import Tier

KEPT = Step("planted", version=1)
OTHERS = 16
LEAST_KINDS = 4
FEWEST = 3  # networks of either sort, below which a kind is not judged

Shares = dict[str, list[float]]


def shortcuts_outcome(methods: Mapping[str, Method], tier: Tier, store: Store) -> Outcome:
    """AUROC of cheating against clean networks by kind, of the one method and the controls."""
    (own,) = methods
    rows: dict[str, list[float]] = {name: [] for name in with_controls(methods)}
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
    return Outcome("shortcuts", _verdict(len(found), judged), named, (score,))


def _verdict(found: int, judged: Bool[np.ndarray, " kind"]) -> Verdict:
    if not judged.any():
        return "not tried"
    if found >= LEAST_KINDS:
        return "passes"
    return "fails" if found + int((~judged).sum()) < LEAST_KINDS else "cannot be said"


def _of_kind(
    kind: str,
    methods: Mapping[str, Method],
    tier: Tier,
    store: Store,
    done: Callable[[], object],
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
                    sides[not cheating].append(float(np.nanmean(each)))
            done()
    return found


def kept_network(planted: Planted, store: Store) -> nn.Module:
    """The fitted network, from the store where it is there."""

    def build(folder: Path) -> None:
        torch.save(planted.fitted().state_dict(), folder / "net.pt")

    folder = store.folder(KEPT, vars(planted), build)
    net = fresh()
    net.load_state_dict(torch.load(folder / "net.pt", weights_only=True))
    return net.eval()
