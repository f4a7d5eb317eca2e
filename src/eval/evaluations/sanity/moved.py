"""The twin of a network whose weights cannot be redrawn: itself behind a moved input.

The rule (docs/sanity.md, "Where weights cannot be redrawn") was written before anything was
measured.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from ....engine import generator, points_read
from ....explain import Method
from ....models import device_of
from ...evaluation import NotApplicable
from ...finding import About, Finding
from ...heatmaps.explained import linter_notes, outputs
from ...heatmaps.probe import probe_of
from ...measures import Measure
from ...precompute import Piece
from ...subject import Networks, Subject
from .copies import DEAR_REDRAWS, cheap
from .gates import both, kind, mean_agreement, output_agreement
from .twins import (
    INTERVALS,
    PROTOCOLS,
    RANDOM,
    SCORED,
    Areas,
    ScoreKept,
    Twin,
    asked_of,
    columns,
    judged,
    score_sentence,
    twins_of,
)

# A shift in either direction takes P out of its place, and a QRS complex out of its own.
LEAST_MS = 100.0
# Share of the variance of the outputs over the ECGs that a network behind a move may keep: with
# half or more it reads the same, and its maps tell nothing.
NOTICED = 0.5
DRAWN = 50  # moves that are tried until SCORED of them are noticed

KEPT = Measure(
    name="kept",
    label="Score kept behind a moved input",
    unit="",
    higher_is_better=None,
    about="robustness",
    source="our own definition",
    explained="Area along the map of this network behind a moved input, as a share of that along "
    "its own map: 1 for a map that never looks at the network.",
)


class Moved(nn.Module):
    """A network that reads another point of the ECG in the place of each."""

    source: Int64[Tensor, " point"]

    def __init__(self, net: nn.Module, source: Int64[Tensor, "lead time"]) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("source", source.flatten().to(device_of(net)))
        self.training = False  # the mode of the network itself is left as it is

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        return self.net(x.flatten(1)[:, self.source].view_as(x))


def move(
    read: Bool[Tensor, "lead time"], least: int, random: torch.Generator
) -> Int64[Tensor, "lead time"]:
    """Number of the point, lead · time + moment, that each point is taken from.

    Points are exchanged where `read` is true alone: leads in an order in which none stays, the time
    of each rolled by `least` samples or more either way. Leads stay where there is one, time where
    it is shorter than twice that.
    """
    time = read.shape[1]
    leads = read.any(1).nonzero().flatten()
    moments = read[leads].all(0).nonzero().flatten()
    found = torch.arange(read.numel()).view_as(read)
    order = torch.arange(len(leads))
    while len(leads) > 1 and bool((order == torch.arange(len(leads))).any()):
        order = torch.randperm(len(leads), generator=random)
    for lead, other in zip(leads.tolist(), leads[order].tolist(), strict=True):
        rolled = moments
        if len(moments) >= 2 * least:
            ways = (least, len(moments) - least + 1)
            rolled = moments.roll(int(torch.randint(*ways, (1,), generator=random)))
        found[lead, moments] = other * time + rolled
    return found


class Move(NamedTuple):
    """A network behind a move, and the agreement of its outputs with those of the network."""

    net: Moved
    agreement: Mapping[str, float]


def moves_of(net: nn.Module, subject: Subject) -> Sequence[Move]:
    """The first SCORED moves that the network notices; NotApplicable where there are fewer."""
    leads, time = subject.shape
    declared = points_read(net, time)
    read = torch.ones(leads, time, dtype=torch.bool) if declared is None else declared.cpu()
    least, own = math.ceil(LEAST_MS * subject.fs / 1e3), outputs(net, subject)
    found = []
    for number in range(DRAWN):
        source = move(read, least, generator(subject.seed, "moved input", number))
        moved = Moved(net, source)
        agree = output_agreement(own, outputs(moved, subject))
        if not agree["output_r"] ** 2 >= NOTICED:
            found.append(Move(moved, agree))
        if len(found) == SCORED:
            return found
    raise NotApplicable(
        f"the network reads ECGs with exchanged leads and moved times as it reads them unmoved: "
        f"{len(found)} of {DRAWN} moves change its outputs enough"
    )


def follows(methods: Mapping[str, Method]) -> dict[str, Method]:
    """The methods whose maps follow a moved input: all but curves of a layer."""
    return {name: each for name, each in methods.items() if not each.facts.of_layer}


def moved_twins(net: nn.Module, subject: Subject, moves: Sequence[Move]) -> Sequence[Twin]:
    """A twin for each move; dear methods explain the first DEAR_REDRAWS of them alone."""
    every = follows(subject.methods)
    cheaper = follows(cheap(net, subject))
    return [
        Twin(
            lambda moved=each.net: moved,
            replace(subject, methods=every if place < DEAR_REDRAWS else cheaper).every_method,
        )
        for place, each in enumerate(moves)
    ]


def moved_pieces(networks: Networks, subject: Subject) -> list[Piece]:
    """The work of `moved_finding`; errors as there."""
    net = networks.nets[0]
    scored = probe_of(net, subject)
    own, labels = twins_of(networks, subject)
    moved = moved_twins(net, subject, moves_of(net, subject))
    return [each.piece(scored) for each in (own, *moved, *labels)]


def moved_finding(networks: Networks, subject: Subject, about: About, why: str) -> Finding:
    """Score that every method's maps keep behind a moved input, and on permuted labels.

    `why` says what keeps the weights from being redrawn. NotApplicable as moves_of.
    """
    net = networks.nets[0]
    linted = linter_notes({"the network": net}, subject)
    moves = moves_of(net, subject)
    own, permuted = twins_of(networks, subject)
    groups = (moved_twins(net, subject, moves), permuted)
    scored = probe_of(net, subject)
    mine = own.areas(scored)
    areas = [[twin.areas(scored) for twin in twins] for twins in groups]
    moved, labels = (
        judged(mine, each, subject.patients, asked_of(twins))
        for each, twins in zip(areas, groups, strict=True)
    )
    rows = [
        {
            "measure": KEPT.name,
            "method": name,
            "kind": kind(name),
            "value": moved[name].kept,
            "low": moved[name].low,
            "high": moved[name].high,
            "verdict": both(moved[name].verdict, labels[name].verdict),
        }
        for name in mine
    ]
    table = pd.DataFrame(rows)
    for prefix, found in (("moved", moved), ("labels", labels)):
        table = table.merge(columns(prefix, found), on="method")
    table = table.assign(**mean_agreement([each.agreement for each in moves]))
    layered = [name for name in subject.methods if name not in follows(subject.methods)]
    return Finding(
        about,
        measures=(KEPT,),
        scores={KEPT.name: {name: _by_ecg(name, mine, areas[0], moved[name]) for name in mine}},
        table=table,
        sentence=score_sentence(
            table, len(subject.records), "the same network behind a moved input", "behind a move"
        ),
        notes=(
            *linted,
            f"weights are not redrawn: {why}; the maps of this network behind a moved input take "
            "the place of those of redrawn networks",
            *(
                f"{name} is the curve of a layer, which does not follow a moved input: whether it "
                "says anything of this network cannot be tested"
                for name in layered
            ),
            INTERVALS,
        ),
        details={"moves": pd.DataFrame([each.agreement for each in moves])},
    )


def _by_ecg(
    name: str, own: Areas, twins: Sequence[Areas], found: ScoreKept
) -> Float[np.ndarray, "1 1 ecg"]:
    """Area along twins' maps of each ECG, as a share of the mean along the own ones.

    By the protocol that decides, less the area of random numbers; NaN where there is no share.
    """
    ecgs = own[name].shape[1]
    if not np.isfinite(found.kept):
        return np.full((1, 1, ecgs), np.nan)
    place = [each.name for each in PROTOCOLS].index(found.protocol)
    random = own[RANDOM][place]
    kept = np.mean([each[name][place] for each in twins if name in each], axis=0) - random
    return (kept / (own[name][place] - random).mean())[None, None]
