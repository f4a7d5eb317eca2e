"""A method through a season: its card as plain data."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from ecglens.explain import find, methods
from ecglens.report import installed_versions, reads_as
from ecglens.store import Store, fingerprint, own_source

from ..apart import Source, has_namespaces
from ..honesty import NETWORK, Check, batch_at, near, one_map
from ..method_words import method_of
from ..parts import interval_of, mean_of, plain
from ..suite import built_in, identity, refuse_control
from .cards import sealed
from .hearts import Ecgs
from .parts import PARTS, Given, Row, cosines, signs
from .scoring import Scoring
from .seasons import Season, season_of
from .sittings import Asked, Sitting, sit
from .world import Sizes, World

TARGETS = re.compile(r"_target_:\s*['\"]?([\w.]+)")  # classes that a yaml file of a method names
NOT_ISOLATED = (
    "Not isolated: this machine gives no namespaces, so that the method could read files and other "
    "processes."
)
PUBLISHED = (
    "The seed of this season had been published when the card was made: the method could have been "
    "written with it in hand."
)


def season_card(  # noqa: PLR0913 - a front door: settings come by name
    words: str,
    season: str | Season,
    store: str | Path = "store",
    say: Callable[[str], object] = print,
    name: str = "",
    *,
    trust: bool = False,
    sizes: Sizes = Sizes(),  # noqa: B008 - frozen
) -> dict[str, Any]:
    """Card of a method in a season; the same call gives the same numbers.

    `words` name a method as on the command line: it is imported in processes of its own alone.
    Everything that costs time is kept in `store`. `say` is told of each part as it begins. Raises
    ValueError for an unknown season or method, for a control, and for a method of somebody's own
    under a name that reads as a built-in one.
    """
    drawn = season if isinstance(season, Season) else season_of(season)
    refuse_control(words)
    source = Source(words, trust)
    world = World(drawn, Store.at(store), sizes)
    scoring = Scoring(world)
    say("networks and ECGs of the season")
    asked, again = world.asked, asked_again(world)
    sittings: dict[str, Sitting] = {}
    for part, each in {**asked, "again": again}.items():
        say(f"maps: {part}")
        sittings[part] = sit(source, drawn, part, each, world.store, key_of(source))
    about = sittings["again"].about
    own = _named(about, name, source)
    given: dict[str, Given] = {part: each.maps for part, each in sittings.items()}
    say("scores")
    slope = about["facts"]["form"] == "slope"
    rows = {own: scoring.rows(given, slope), **scoring.of_controls}
    checks = found_by(scoring, given, again)
    return sealed(
        {
            "season": {**drawn.about, "published": drawn.published, "sizes": asdict(sizes)},
            "method": {**about, "name": own, "code": source.code},
            "isolated": all(each.isolated for each in sittings.values()),
            "parts": [
                _part(part, {series: each[part] for series, each in rows.items()}, own)
                for part in PARTS
            ],
            "refused": {
                f"{part}/{network}": why
                for part, each in sittings.items()
                for network, why in each.refused.items()
            },
            "described": described(scoring, given["suppressors"], slope),
            "checks": [each.plain() for each in checks],
            "versions": installed_versions(),
        }
    )


def _part(name: str, rows: Mapping[str, Row], own: str) -> dict[str, Any]:
    """A part of a card: effect of the method, and all scores."""
    scores = {series: [plain(one) for one in row] for series, row in rows.items()}
    return {"name": name, "over": PARTS[name].over, **effect_of(rows[own]), "rows": scores}


def effect_of(row: Row) -> dict[str, float | None]:
    """Mean of the scores with its 95 % interval; no interval of fewer than two units."""
    low, high = interval_of(row)
    effect = plain(row.mean()) if len(row) else None
    return {"effect": effect, "low": plain(low), "high": plain(high)}


def described(scoring: Scoring, suppressors: Given, slope: bool) -> dict[str, float | None]:
    """Numbers without a better direction, and what the order of single effects reaches."""
    shares = []
    for name, (known, mask) in scoring.world.suppressors.items():
        if name in suppressors:
            maps = suppressors[name] * (known.ecgs.x.numpy() if slope else 1.0)
            sizes = np.abs(maps)
            total = sizes.sum((1, 2))
            on_it = sizes[:, mask.numpy()].sum(1)
            shares.append(np.divide(on_it, total, out=np.zeros(len(total)), where=total > 0).mean())
    about_network: Any = scoring.parts["network"]
    ceilings = about_network.ceilings.values()
    ratios = [oracle.mean() / greedy.mean() for greedy, oracle in ceilings]
    return {
        "share on the suppressor": plain(np.mean(shares)) if shares else None,
        "area of single effects, share of greedy": plain(np.mean(ratios)),
    }


def _named(about: Mapping[str, Any], name: str, source: Source) -> str:
    """Name on the card; ValueError where it reads as a built-in method and is none."""
    own = name or str(about["name"])
    known = reads_as(own)
    if known and (own != known or source.code or not built_in({**about, "name": own})):
        raise ValueError(
            f"expected another name for {about['class']}, got {own}, which reads as the built-in "
            f"{known}; give one with --name"
        )
    return own


def key_of(source: Source) -> str:
    """What the maps of a method are kept under; empty for a class whose code is not seen."""
    about: dict[str, Any] = {"apart": has_namespaces()}
    if source.file is not None:
        versions = installed_versions()
        about |= {"words": source.words.rpartition(":")[2], "code": source.code, **versions}
        if source.file.suffix != ".py":
            targets = TARGETS.findall(source.file.read_text("utf-8"))
            if not targets or not all(each.startswith("ecglens.") for each in targets):
                return ""
            about["version"] = method_of(source.words)[1].version
        return fingerprint(about)
    if source.words not in methods():
        return ""
    method = find(source.words)
    return fingerprint({**about, **identity(method), **own_source(type(method))})


CHECKS = ("again", "network", "decoy: truth", "decoy: twins")
NETWORKS, ECGS = 3, 8  # asked again
LEAST_EFFECT, SURE = 0.1, 0.999
MOST_MORE = 0.25
FEWEST_TOLD = 5  # ECGs with the shortcut, of which more than one has to differ

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
        few = replace(first.ecgs, batch=batch_at(first.ecgs.batch, places))
        found[f"{sitting}/{name}"] = replace(
            first, ecgs=few, fill=world.asked[other][of_other].ecgs
        )
    return found


def found_by(
    scoring: Scoring, given: Mapping[str, Given], asked: Mapping[str, Asked]
) -> tuple[Check, ...]:
    """Findings of CHECKS on the maps of a method by sitting; `asked` is what was asked again."""
    kind, audited = scoring.world.pairs[0].kind, scoring.world.audited[0]
    said = {
        "again": AGAIN if _differs(scoring.world, given, asked) else "",
        "network": NETWORK if _of_the_ecg_alone(given["trained"]) else "",
        "decoy: truth": TRUTH if _knows_the_truth(scoring, given["contributions"]) else "",
        "decoy: twins": TWINS if _knows_the_twin(kind, audited, given["shortcuts"]) else "",
    }
    return tuple(Check(name, said[name], excludes=True) for name in CHECKS)


def _differs(world: World, given: Mapping[str, Given], asked: Mapping[str, Asked]) -> bool:
    for place, each in asked.items():
        sitting, _, name = place.partition("/")
        first, second = given[sitting].get(name), given["again"].get(place)
        if first is None or second is None:
            if first is not second:
                return True  # refused once
            continue
        records = world.asked[sitting][name].ecgs.batch.record
        own = first[[records.index(record) for record in each.ecgs.batch.record]]
        if not near(own, second):
            return True
    return False


def _of_the_ecg_alone(trained: Given) -> bool:
    """True where no network with redrawn weights has another map, or one at all."""
    pairs = [
        (trained[own], trained.get(own.replace("own", "redrawn")))
        for own in trained
        if own.endswith("/own")
    ]
    return bool(pairs) and all(redrawn is None or one_map(own, redrawn) for own, redrawn in pairs)


def _knows_the_truth(scoring: Scoring, contributions: Given) -> bool:
    if "decoy" not in contributions:
        return False
    decoy = scoring.world.decoy
    floors = [
        cosines(decoy, each["contributions"]["decoy"], slope=False)
        for each in scoring.maps_of_controls.values()
    ]
    own = cosines(decoy, contributions["decoy"], slope=False)
    floor = max(floors, key=lambda each: float(each.mean()))
    above = (own - floor) / (1.0 - floor.mean())
    return bool(above.mean() > LEAST_EFFECT and interval_of(above, SURE)[0] > 0)


def _knows_the_twin(kind: str, ecgs: Ecgs, shortcuts: Given) -> bool:
    """True where the clean network of the first pair, asked once more, is told from itself.

    ECGs without the shortcut are left out: they cannot tell, and there may be many. One of a few
    may differ by rounding.
    """
    if not {"decoy", "0/clean"} <= {*shortcuts}:
        return False
    found = signs(kind, ecgs, shortcuts["decoy"], shortcuts["0/clean"])
    return int(np.isfinite(found).sum()) >= FEWEST_TOLD and abs(mean_of(found)) > MOST_MORE
