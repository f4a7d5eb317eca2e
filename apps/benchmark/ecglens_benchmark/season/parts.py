"""Parts of a season: a score for each ECG or pair, between a floor (0) and a ceiling (1)."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from ecglens.eval.evaluations.sanity import spearman
from ecglens_metrics import audit
from jaxtyping import Float

from ..planted import MEANT
from ..special_networks import cosine
from .doses import Measured
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
    floor: str
    ceiling: str
    over: str = "ECGs"


BEST_CONTROL = "the best control"
TRUE_MAP = "the true map"
PARTS = {
    part.name: part
    for part in (
        Part(
            "contributions",
            "Exact contributions",
            "Does the map equal contributions that a formula gives?",
            BEST_CONTROL,
            TRUE_MAP,
        ),
        Part(
            "redundancy",
            "Copies of one fact",
            "Does the map share a contribution among copies of one fact?",
            BEST_CONTROL,
            TRUE_MAP,
        ),
        Part(
            "suppressors",
            "Suppressors",
            "Does the map show what the network uses to take a disturbance out?",
            BEST_CONTROL,
            TRUE_MAP,
        ),
        Part(
            "shortcuts",
            "Planted shortcuts",
            "Does more relevance lie on a shortcut in the twin that learned it?",
            "in half of the ECGs, or in fewer",
            "in every ECG",
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
            BEST_CONTROL,
            "the order that was measured",
        ),
        Part(
            "strips",
            "Strips",
            "Does the map find what decides in a strip?",
            BEST_CONTROL,
            TRUE_MAP,
        ),
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
    """A part with its networks and ECGs: scores of a method by the maps of its sitting.

    A network of which a method refused a map counts as the floor.
    """

    @abstractmethod
    def row(self, given: Given, slope: bool) -> Row:
        """Score of each unit; `slope` says that maps are slopes, which the ECG multiplies."""


@dataclass(frozen=True, eq=False)
class ByTruth(Scored):
    """Cosine with the true map; ECGs without any contribution are no units."""

    known: Mapping[str, Known]
    controls: Sequence[Given]

    def row(self, given: Given, slope: bool) -> Row:
        found = []
        for name, each in self.known.items():
            floors = [cosines(own[name], each, slope=False) for own in self.controls]
            own = given.get(name)
            refused = np.zeros(len(floors[0]))
            found.append(refused if own is None else scaled(cosines(own, each, slope), floors, 1.0))
        return np.concatenate(found)


def cosines(maps: Maps, known: Known, slope: bool) -> Row:
    """Cosine of each map with the true one, where there is one."""
    x = known.ecgs.x.numpy()
    found = cosine(maps * x if slope else maps, known.truth.numpy())
    return found[np.isfinite(found)]


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

    0 without both maps.
    """
    if cheating is None or clean is None:
        return 0.0
    maps = {"cheating": cheating, "clean": clean}
    shares = audit(maps, ecgs.x.numpy(), ecgs.batch.segments.numpy()).shares[MEANT[kind]]
    one, other = (np.nan_to_num(shares[name]) for name in maps)
    apart = np.abs(one - other) > ALIKE * np.maximum(one, other)
    return float((np.sign(one - other) * apart).mean())


@dataclass(frozen=True, eq=False)
class ByDoses(Scored):
    """Rank correlation of what the map says of known changes with what they did."""

    measured: Mapping[str, Measured]
    controls: Sequence[Given]

    def row(self, given: Given, slope: bool) -> Row:
        found = []
        for name, each in self.measured.items():
            floors = [agreement(each, own[name], slope=False) for own in self.controls]
            own = given.get(name)
            refused = np.zeros(len(floors[0]))
            found.append(
                refused if own is None else scaled(agreement(each, own, slope), floors, 1.0)
            )
        return np.concatenate(found)


def agreement(measured: Measured, maps: Maps, slope: bool) -> Row:
    """Spearman's ρ over the doses of each ECG; 0 where all claims are equal."""
    claims = measured.claims(maps, slope)
    pairs = zip(claims, measured.effects, measured.given, strict=True)
    rhos = [spearman(c[None, there], e[None, there])[0] for c, e, there in pairs]
    return np.nan_to_num(np.array(rhos))
