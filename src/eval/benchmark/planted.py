"""Planted shortcuts as a part of the suite: whether a method's maps find networks that cheat."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import nn

from ...datamodules import Batch
from ...explain import Method
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
from .parts import Outcome
from .scores import Score, plain
from .suite import Tier

KEPT = Step("planted", version=1)
OTHERS = 16
LEAST_KINDS = 4
FEWEST = 3  # networks of either sort, below which a kind is not judged

Shares = dict[str, list[float]]


def shortcuts_outcome(methods: Mapping[str, Method], tier: Tier, store: Store) -> Outcome:
    """AUROC of cheating against clean networks by kind, of the one method and the controls."""
    rows: dict[str, list[float]] = {}
    own = next(iter(methods))
    notes: list[str] = []
    with progress_bar(len(MEANT) * tier.pairs * 2, "planted shortcuts", True) as done:
        for kind in MEANT:
            by_method = _of_kind(kind, methods, tier, store, done.update)
            for name, (cheating, clean) in by_method.items():
                enough = min(len(cheating), len(clean)) >= min(FEWEST, tier.pairs)
                found = auroc(np.array(cheating), np.array(clean)) if enough else np.nan
                rows.setdefault(name, []).append(found)
            if own not in by_method:
                notes.append(f"{kind}: it is not right on these networks")
                rows.setdefault(own, []).append(np.nan)
    values = np.array(rows[own])
    judged = np.isfinite(values)
    count, of = int((values[judged] >= FOUND).sum()), int(judged.sum())
    score = Score(
        name="shortcuts/auroc",
        part="shortcuts",
        label="AUROC of networks that cheat",
        better="higher",
        over="kinds",
        value=plain(values[judged].mean()) if of else None,
        low=None,
        high=None,
        beats=None,
        rows={name: [plain(each) for each in kinds] for name, kinds in rows.items()},
    )
    verdict = "not tried" if not of else "passes" if count >= LEAST_KINDS else "fails"
    kinds = ", ".join(kind for kind, value in zip(MEANT, values, strict=True) if value >= FOUND)
    said = f"{count} of {of} kinds found" + (f": {kinds}" if kinds else "")
    return Outcome("shortcuts", verdict, said, (score,), tuple(notes))


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

    def build(folder) -> None:
        torch.save(planted.fitted().state_dict(), folder / "net.pt")

    folder = store.folder(KEPT, vars(planted), build)
    net = fresh()
    net.load_state_dict(torch.load(folder / "net.pt", weights_only=True))
    return net.eval()
