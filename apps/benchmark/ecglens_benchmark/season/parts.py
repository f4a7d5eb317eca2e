"""Parts of a season: a score for each ECG or pair, between a floor (0) and a ceiling (1)."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from ecglens.ecg import exact_beat
from ecglens.engine import one_thread
from ecglens.eval.evaluations.sanity import spearman
from ecglens_measure.doses import applied, doses, marked
from ecglens_metrics import audit
from jaxtyping import Bool, Float
from torch import nn

from ..parts import mean_of
from ..planted import MEANT
from ..special_networks import cosine
from .hearts import Ecgs
from .sittings import Maps
from .trained import Twins
from .world import Known

Row = Float[np.ndarray, " unit"]
# Maps of one method or control in a sitting, by name of what was asked; without those refused.
Given = Mapping[str, Maps]


@dataclass(frozen=True)
class Part:
    """A question of the season; `floor` and `ceiling` say what scores of 0 and 1 are."""

    name: str
    label: str
    question: str
    floor: str = "the best control"
    ceiling: str = "the true map"
    over: str = "ECGs"


PARTS = {
    part.name: part
    for part in (
        Part(
            "contributions",
            "Exact contributions",
            "Does the map equal contributions that a formula gives?",
        ),
        Part(
            "redundancy",
            "Copies of one fact",
            "Does the map share a contribution among copies of one fact?",
        ),
        Part(
            "suppressors",
            "Suppressors",
            "Does the map show what the network uses to take a disturbance out?",
        ),
        Part(
            "shortcuts",
            "Planted shortcuts",
            "Does more relevance lie on a shortcut in the twin that learned it?",
            "more as often as less",
            "more in every ECG that has it",
            "pairs",
        ),
        Part(
            "network",
            "About this network",
            "Does the map move this network more than maps of other networks do?",
            "the best map of another network, or control",
            "a greedy search",
        ),
        Part(
            "ecg",
            "About this ECG",
            "Does the map bring the reading back further than maps of other ECGs do?",
            "the best map of others, control, or |x − mean ECG|",
            "a greedy search",
        ),
        Part(
            "doses",
            "Measured doses",
            "Is the map larger where a known change moves the output more?",
            ceiling="the order that was measured",
        ),
        Part("strips", "Strips", "Does the map find what decides in a strip?"),
    )
}


def scaled(own: Row, floors: Sequence[Row], ceiling: float) -> Row:
    """Scores less those of the floor with the largest mean, as a share of the way to the ceiling.

    A ceiling that is no higher than the floor leaves no way: all scores are 0.
    """
    means = [float(each.mean()) for each in floors]
    way = ceiling - max(means)
    floor = floors[int(np.argmax(means))]
    return (own - floor) / way if way > 0 else np.zeros(len(own))


class Scored(ABC):
    """A part with its networks and ECGs: scores of a method by the maps of its sitting."""

    @abstractmethod
    def row(self, given: Given, slope: bool) -> Row:
        """Score of each unit; `slope` says that maps are slopes, which the ECG multiplies."""


def by_network(
    of_controls: Mapping[str, Sequence[Row]],
    ceilings: Mapping[str, float],
    given: Given,
    scores: Callable[[str], Sequence[Row]],
) -> Row:
    """Scaled scores of all networks; of one that a method refused, those of its worst control.

    No network counts for less: by refusing nothing is won. `of_controls` has the rows of the
    controls by network; `scores` gives the own row of a network and its other floors, NaN where an
    ECG has none, or nothing where a relative is refused.
    """
    found = []
    for name, rows in of_controls.items():
        worst = min(rows, key=lambda row: float(row.mean()))
        best = scaled(worst, rows, ceilings[name])
        if name in given and (answered := scores(name)):
            own = scaled(answered[0], every_ecg([*answered[1:], *rows]), ceilings[name])
            best = max(best, own, key=lambda row: float(row.mean()))
        found.append(best)
    return np.concatenate(found)


def every_ecg(floors: Sequence[Row]) -> list[Row]:
    """Floors of every ECG: where a map of others cannot be made, the best floor of that ECG."""
    best = np.nanmax(np.stack(floors), axis=0)
    return [np.where(np.isnan(each), best, each) for each in floors]


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


@dataclass(frozen=True, eq=False)
class Scores(Scored):
    """A score of each ECG's map by what is known of a network; 1 is the largest that there is."""

    score: Callable[[Any, Maps, bool], Row]  # cosines or agreement
    networks: Mapping[str, Any]
    controls: Sequence[Given]

    def row(self, given: Given, slope: bool) -> Row:
        floors = {
            name: [self.score(each, own[name], False) for own in self.controls]
            for name, each in self.networks.items()
        }

        def scores(name: str) -> Sequence[Row]:
            return (self.score(self.networks[name], given[name], slope),)

        return by_network(floors, dict.fromkeys(floors, 1.0), given, scores)


def cosines(known: Known, maps: Maps, slope: bool) -> Row:
    """Cosine of each map with the true one; ECGs without any contribution are left out."""
    x = known.ecgs.x.numpy()
    found = cosine(maps * x if slope else maps, known.truth.numpy())
    return found[np.isfinite(found)]


def agreement(measured: Measured, maps: Maps, slope: bool) -> Row:
    """Spearman's ρ of claims and effects of the doses of each ECG; 0 where all claims are equal."""
    claims = measured.claims(maps, slope)
    pairs = zip(claims, measured.effects, measured.given, strict=True)
    rhos = [spearman(c[None, there], e[None, there])[0] for c, e, there in pairs]
    return np.nan_to_num(np.array(rhos))


# Shares that differ by less than this part of the larger one are one share, but for rounding.
ALIKE = 0.01


@dataclass(frozen=True, eq=False)
class Twinned(Scored):
    """How much more often than not the share of relevance on a shortcut is larger in its twin."""

    pairs: Sequence[Twins]
    ecgs: Sequence[Ecgs]

    def row(self, given: Given, slope: bool) -> Row:
        found = []
        for number, (pair, ecgs) in enumerate(zip(self.pairs, self.ecgs, strict=True)):
            if pair.behave:
                both = [given.get(f"{number}/{twin}") for twin in ("cheating", "clean")]
                found.append(advantage(pair.kind, ecgs, both[0], both[1]))
        return np.array(found)


def advantage(kind: str, ecgs: Ecgs, cheating: Maps | None, clean: Maps | None) -> float:
    """Share of ECGs in which the shortcut has more relevance, less that in which it has less.

    ECGs without the shortcut are left out; 0 where no ECG has it, −1 where a map is refused.
    """
    if cheating is None or clean is None:
        return -1.0
    return float(np.nan_to_num(mean_of(signs(kind, ecgs, cheating, clean))))


def signs(kind: str, ecgs: Ecgs, first: Maps, second: Maps) -> Row:
    """1 where the shortcut has more relevance in the first map of an ECG, −1 less, 0 equal.

    NaN where the ECG lacks the place; a map of zeros has nothing on it.
    """
    maps = {"first": first, "second": second}
    found, place = audit(maps, ecgs.x.numpy(), ecgs.batch.segments.numpy()), MEANT[kind]
    if place not in found.shares:  # no ECG has it
        return np.full(len(first), np.nan)
    one, other = (np.nan_to_num(found.shares[place][name]) for name in maps)
    apart = np.abs(one - other) > ALIKE * np.maximum(one, other)
    there = found.expected[place] > 0
    return np.where(there, np.sign(one - other) * apart, np.nan)
