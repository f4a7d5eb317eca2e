"""Cards of a season as JSON, sealed by a hash and read back, and methods of one season in order."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ecglens.eval.statistics import REPLICATES, interval, resampled

from ..standings import place_words, places
from ..suite import HASH, check_seal, seal
from .parts import PARTS

Card = Mapping[str, Any]
FIELDS = ("season", "method", "isolated", "parts", "refused", "checks")


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with the hash of its numbers, and the hash of all of it."""
    plain = json.loads(json.dumps(content))
    season = {name: each for name, each in plain["season"].items() if name != "published"}
    compared = {name: plain[name] for name in ("parts", "refused", "checks")}
    return seal(plain, {**compared, "season": season})


def is_card(found: Any) -> bool:
    """True for the content of a season's card, whole or not."""
    return isinstance(found, dict) and "season" in found


def checked(found: Any, path: object) -> Card:
    """A card that is as it was written; ValueError for one that is none, and for a changed one."""
    if not is_card(found) or any(name not in found for name in (*FIELDS, HASH)):
        raise ValueError(f"expected a card of a season, got {path}; it is none")
    check_seal(found, path, "card")
    return found


def of_one_season(cards: Sequence[Card]) -> None:
    """Raise ValueError for cards of two seasons, or of a season in two sizes."""
    seasons = set()
    for card in cards:
        about = card["season"]
        sizes = ", ".join(f"{name} {size}" for name, size in sorted(about["sizes"].items()))
        seasons.add(f"{about['name']} ({about['commitment'][:8]}…, {sizes})")
    if len(seasons) > 1:
        names = "; ".join(sorted(seasons))
        raise ValueError(
            f"expected cards of one season, got {names}; their networks and ECGs are "
            "others, so that their numbers are not compared"
        )


@dataclass(frozen=True)
class Standing:
    """A method by the mean of its effects; `first` and `last` are None where it has no place."""

    method: str
    mean: float
    low: float
    high: float
    first: int | None
    last: int | None

    @property
    def words(self) -> str:
        """The place, or the places that are shared."""
        return place_words(self.first, self.last)


def order(cards: Sequence[Card]) -> list[Standing]:
    """Methods by the mean effect over the parts, with places that they share where tied.

    Two are apart where the 95 % interval of the difference of their means leaves 0 out; units of
    each part are drawn by themselves.
    """
    rows = [_rows(each) for each in cards]
    drawn = np.stack(
        [np.mean([_replicates(row, k) for k, row in enumerate(own)], axis=0) for own in rows]
    )
    ranked = np.array([not excluded(each) for each in cards])
    units = max(2, min(map(len, rows[0])))
    found = []
    for at, card in enumerate(cards):
        low, high = interval(drawn[at][None], units)
        others = [k for k in np.flatnonzero(ranked) if k != at]
        lows, highs = interval(drawn[at] - drawn[others], units) if others else ([], [])
        above, below = int(np.sum(np.array(highs) < 0)), int(np.sum(np.array(lows) > 0))
        first, last = (above + 1, len(others) + 1 - below) if ranked[at] else (None, None)
        name, mean = card["method"]["name"], float(np.mean([row.mean() for row in rows[at]]))
        found.append(Standing(name, mean, float(low[0]), float(high[0]), first, last))
    return sorted(found, key=lambda each: (each.first is None, -each.mean))


def excluded(card: Card) -> bool:
    """True where a method has no place: it was not isolated, or a check found it."""
    return not card["isolated"] or any(each["said"] and each["excludes"] for each in card["checks"])


def by_part(cards: Sequence[Card]) -> dict[str, dict[str, tuple[int, int]]]:
    """Places of methods and controls, by part."""
    found = {}
    for name in PARTS:
        rows = {}
        for card in cards:
            rows |= part_of(card, name)["rows"]
        found[name] = places(rows, "higher")
    return found


def told_apart(cards: Sequence[Card]) -> dict[str, float]:
    """Share of all pairs of methods, controls left out, that a part tells apart; NaN without any.

    A pair is apart where the 95 % interval of the mean paired difference leaves 0 out.
    """
    found = {}
    first, second = np.triu_indices(len(cards), 1)
    for name in PARTS:
        rows = np.array([_row(part_of(each, name), each) for each in cards], float)
        if rows.shape[1] < 2 or not len(first):
            found[name] = float("nan")
            continue
        drawn = _replicates(rows[first] - rows[second], 0)
        low, high = interval(drawn, rows.shape[1])
        found[name] = float(((low > 0) | (high < 0)).mean())
    return found


def _replicates(rows: np.ndarray, seed: int) -> np.ndarray:
    """Means over units that are drawn again, the same for all rows; as they are of one unit."""
    count = rows.shape[-1]
    if count < 2:
        return np.zeros((*rows.shape[:-1], REPLICATES)) + rows.mean(-1, keepdims=True)
    return rows @ resampled([f"{unit}" for unit in range(count)], seed).T


def part_of(card: Card, name: str) -> Mapping[str, Any]:
    """A part of a card."""
    return next(each for each in card["parts"] if each["name"] == name)


def _row(part: Mapping[str, Any], card: Card) -> list[float]:
    return part["rows"][card["method"]["name"]]


def _rows(card: Card) -> list[np.ndarray]:
    """Scores in each part that has units, which are the same for all cards of a season."""
    rows = [np.array(_row(part, card), float) for part in card["parts"]]
    return [row for row in rows if len(row)]
