"""Checks and decoys of a season: whether a method's maps are of the network and the ECG alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from ecglens.datamodules import Batch
from ecglens.eval.statistics import interval, resampled

from ..honesty import BATCH as MOST_AWAY
from ..honesty import NETWORK, Check, one_map
from .hearts import Ecgs
from .parts import Given, advantage, cosines
from .scoring import Scoring
from .sittings import Asked
from .world import World

CHECKS = ("again", "network", "decoy: truth", "decoy: twins")
NETWORKS, ECGS = 3, 8  # asked again
LEAST_EFFECT, SURE = 0.1, 0.999
MOST_MORE = 0.25

AGAIN = (
    "The map of an ECG changes when it is asked for again, in another process, among other ECGs, "
    "of the same network with its channels in another order and scale: the method looks at "
    "something else than network and ECG, or draws numbers of its own."
)
TRUTH = (
    "The map equals a “truth” that the network does not have and the suite alone knows: the method "
    "knows what it was not given."
)
TWINS = (
    "The same network, given twice in two disguises, has more relevance on a shortcut when it is "
    "called the one that learned it: the method knows what it was not given."
)


def asked_again(world: World) -> dict[str, Asked]:
    """Networks and ECGs that are asked about a second time, among ECGs of another part."""
    random = world.season.numbers("again")
    beats = [
        (sitting, name)
        for sitting, every in world.asked.items()
        for name in every
        if sitting != "strips"
    ]
    chosen = [beats[at] for at in random.permutation(len(beats))[:NETWORKS]]
    found = {}
    for sitting, name in chosen:
        first = world.asked[sitting][name]
        among = [each for each in beats if each[0] != sitting]
        other, of_other = among[int(random.integers(len(among)))]
        places = [int(each) for each in random.permutation(len(first.ecgs.x))[:ECGS]]
        few = some_of(first.ecgs, places)
        found[f"{sitting}/{name}"] = replace(
            first, ecgs=few, fill=world.asked[other][of_other].ecgs
        )
    return found


def some_of(ecgs: Ecgs, places: Sequence[int]) -> Ecgs:
    """The ECGs at these places, with the same others."""
    x, y, segments, record = ecgs.batch
    at = [*places]
    return replace(ecgs, batch=Batch(x[at], y[at], segments[at], [record[place] for place in at]))


def found_by(
    scoring: Scoring, given: Mapping[str, Given], again: Given, asked: Mapping[str, Asked]
) -> tuple[Check, ...]:
    """Findings of CHECKS on the maps of a method; `again` are those made a second time."""
    said = {
        "again": AGAIN if _differs(scoring.world, given, again, asked) else "",
        "network": NETWORK if _of_the_ecg_alone(given["trained"]) else "",
        "decoy: truth": TRUTH if _knows_the_truth(scoring, given["contributions"]) else "",
        "decoy: twins": TWINS if _knows_the_twin(scoring.world, given["shortcuts"]) else "",
    }
    return tuple(Check(name, said[name], excludes=True) for name in CHECKS)


def _differs(
    world: World, given: Mapping[str, Given], again: Given, asked: Mapping[str, Asked]
) -> bool:
    for place, each in asked.items():
        sitting, _, name = place.partition("/")
        first, second = given[sitting].get(name), again.get(place)
        if first is None or second is None:
            if first is not second:
                return True  # refused once
            continue
        records = world.asked[sitting][name].ecgs.batch.record
        own = first[[records.index(record) for record in each.ecgs.batch.record]]
        one, other = (np.float64(maps).reshape(len(maps), -1) for maps in (own, second))
        away, length = (np.linalg.norm(maps, axis=1) for maps in (one - other, one))
        if (away > MOST_AWAY * length).any():
            return True
    return False


def _of_the_ecg_alone(trained: Given) -> bool:
    numbers = {name.partition("/")[0] for name in trained}
    pairs = [[trained.get(f"{number}/{one}") for one in ("own", "redrawn")] for number in numbers]
    there = [(own, redrawn) for own, redrawn in pairs if own is not None and redrawn is not None]
    return bool(there) and all(one_map(*pair) for pair in there)


def _knows_the_truth(scoring: Scoring, contributions: Given) -> bool:
    if "decoy" not in contributions:
        return False
    decoy = scoring.world.decoy
    floors = [
        cosines(each["contributions"]["decoy"], decoy, slope=False)
        for each in scoring.maps_of_controls.values()
    ]
    own = cosines(contributions["decoy"], decoy, slope=False)
    floor = max(floors, key=lambda each: float(each.mean()))
    above = (own - floor) / (1.0 - floor.mean())
    names = [f"{number}" for number in range(len(above))]
    low, _ = interval((above @ resampled(names, 0).T)[None], len(names), SURE)
    return bool(above.mean() > LEAST_EFFECT and low[0] > 0)


def _knows_the_twin(world: World, shortcuts: Given) -> bool:
    """True where the clean network of the first pair, asked once more, is told from itself."""
    pair, ecgs = world.pairs[0], world.audited[0]
    more = advantage(pair.kind, ecgs, shortcuts.get("decoy"), shortcuts.get("0/clean"))
    return abs(more) > MOST_MORE
