"""A method through a season: its card as plain data."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from ecglens.eval.statistics import interval, resampled
from ecglens.explain import controls, find, methods
from ecglens.report import installed_versions, reads_as
from ecglens.store import Store, class_path, fingerprint

from ..apart import Source, has_namespaces
from ..method_words import method_of
from ..parts import plain
from ..suite import built_in
from .cards import sealed
from .checks import asked_again, found_by
from .parts import PARTS, Given, Row
from .scoring import Scoring
from .seasons import Season, season_of
from .sittings import Sitting, sit
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
    if words in controls():
        raise ValueError(
            f"expected a method, got {words}, a control that every method is compared with; give "
            f"one of {', '.join(methods())}, package:Class, a yaml file or a file.py:Class"
        )
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
    rows = {own: scoring.rows(given, slope)}
    rows |= scoring.of_controls
    checks = found_by(scoring, given, given["again"], again)
    return sealed(
        {
            "season": {
                "name": drawn.name,
                "suite": drawn.suite,
                "commitment": drawn.commitment,
                "published": drawn.published,
                "sizes": asdict(sizes),
            },
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
    if len(row) < 2:
        return {"effect": plain(row.mean()) if len(row) else None, "low": None, "high": None}
    drawn = row @ resampled([f"{unit}" for unit in range(len(row))], 0).T
    low, high = interval(drawn[None], len(row))
    return {"effect": plain(row.mean()), "low": plain(low[0]), "high": plain(high[0])}


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
    ratios = [each["oracle"].mean() / each["greedy"].mean() for each in ceilings]
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
    settings = asdict(method)  # pyright: ignore[reportArgumentType]
    about |= {"class": class_path(type(method)), "version": method.version, "settings": settings}
    return fingerprint(about)
