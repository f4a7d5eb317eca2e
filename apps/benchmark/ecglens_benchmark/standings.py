"""Methods of several results side by side and in order: places with ties, never one number."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import combinations
from operator import eq, gt
from typing import Any

import numpy as np
from ecglens.eval.statistics import sampling
from ecglens.explain import controls

from .suite import PARTS, SUITE

LIMITS = tuple(part.name for part in PARTS if part.limit)


@dataclass(frozen=True)
class Standing:
    """A method in the order: limits met, and the places that methods with as many share.

    `first` and `last` are None where a check takes the method out of the order.
    """

    method: str
    met: int
    first: int | None
    last: int | None

    @property
    def words(self) -> str:
        """The place, or the places that are shared."""
        return place_words(self.first, self.last)


def place_words(first: int | None, last: int | None) -> str:
    """A place, or the places that are shared; "not ranked" for none."""
    if first is None:
        return "not ranked"
    return f"{first}" if first == last else f"{first}–{last}"


def order(results: Sequence[Mapping[str, Any]]) -> list[Standing]:
    """Methods by the number of limits met; those with as many are tied."""
    met, placed = {}, []
    for each in results:
        verdicts = {one["part"]: one["verdict"] for one in each["outcomes"]}
        name = each["method"]["name"]
        met[name] = sum(verdicts.get(limit) == "passes" for limit in LIMITS)
        if not any(check["said"] and check["excludes"] for check in each["checks"]):
            placed.append(name)
    standings = []
    for name, own in met.items():
        above, tied = (sum(op(met[one], own) for one in placed) for op in (gt, eq))
        first, last = (above + 1, above + tied) if name in placed else (None, None)
        standings.append(Standing(name, own, first, last))
    return sorted(standings, key=lambda one: (one.first or len(met) + 1, one.method))


def places(rows: Mapping[str, Sequence[float | None]], better: str) -> dict[str, tuple[int, int]]:
    """First and last place of each method by a score; methods that cannot be told apart are tied.

    Two methods are apart where the 95 % interval of their paired difference leaves 0 out (bootstrap
    over the ECGs, or the kinds, that the rows are over; not corrected for the number of pairs). A
    method with fewer numbers than half of the others' is left out.
    """
    sign = {"higher": 1.0, "lower": -1.0}[better]
    values = {name: np.array([np.nan if one is None else one for one in each], float)
              for name, each in rows.items()}  # fmt: skip
    most = max((int(np.isfinite(each).sum()) for each in values.values()), default=0)
    there = {name: each for name, each in values.items() if np.isfinite(each).sum() * 2 >= most > 0}
    names = [*there]
    common = np.isfinite(np.stack([*there.values()])).all(0) if there else np.zeros(0, bool)
    if common.sum() < 2:
        return {}
    kept = sign * np.stack([there[name][common] for name in names])[:, None]
    drawn = sampling(1, 1, [f"{number}" for number in range(int(common.sum()))], 0)
    first, second = np.triu_indices(len(names), 1)
    low, high = drawn.interval(kept[first] - kept[second])
    # Of the pairs that are apart, the better and the worse one.
    ahead = np.concatenate([first[low > 0], second[high < 0]])
    behind = np.concatenate([second[low > 0], first[high < 0]])
    return {
        name: (int((behind == place).sum()) + 1, len(names) - int((ahead == place).sum()))
        for place, name in enumerate(names)
    }


Result = Mapping[str, Any]
# Largest difference of a control's mean, as a share of it, at which two runs had one network.
SAME = 1e-3


@cache
def reference(tier: str) -> tuple[Result, ...]:
    """Results of the built-in methods that come with this version of the suite; may be none.

    Each has the rows of the controls, which the file has once (`compact`).
    """
    file = files("ecglens_benchmark") / f"reference_{SUITE}_{tier}.json"
    if not file.is_file():
        return ()
    results = json.loads(file.read_text(encoding="utf-8"))["results"]
    of_controls = {
        score["name"]: {name: row for name, row in score["rows"].items() if name in controls()}
        for score in results[0]["scores"]
    }
    for each in results:
        for score in each["scores"]:
            score["rows"] |= of_controls.get(score["name"], {})
    return tuple(results)


def compact(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Results with the rows of controls in the first one alone, which are the same in all."""
    found = []
    for number, each in enumerate(results):
        kept = {*controls()} if number == 0 else set()
        own = kept | {each["method"]["name"]}
        scores = [
            {**score, "rows": {name: row for name, row in score["rows"].items() if name in own}}
            for score in each["scores"]
        ]
        found.append({**each, "scores": scores})
    return found


def beside(result: Result, others: Sequence[Result]) -> list[Result]:
    """This result, then the others of the same tier that are not of a method of this name."""
    name, tier = result["method"]["name"], result["tier"]
    kept = (one for one in others if one["tier"] == tier and one["method"]["name"] != name)
    return [result, *kept]


def side_by_side(results: Sequence[Result]) -> dict[str, dict[str, Any]]:
    """By name of a score its label, part, direction, unit, `rows` and `places`.

    The rows are those of methods and controls, the places by what `over` names. `values` are means
    over what a method has numbers of.
    """
    by_score: dict[str, dict[str, Any]] = {}
    for result in results:
        for score in result["scores"]:
            about = {key: score[key] for key in ("label", "part", "better", "over")}
            rows = by_score.setdefault(score["name"], {**about, "rows": {}})["rows"]
            for name, row in score["rows"].items():
                rows.setdefault(name, row)
    for score in by_score.values():
        lengths = {len(row) for row in score["rows"].values()}
        alike = score["better"] and len(lengths) == 1
        score["places"] = places(score["rows"], score["better"]) if alike else {}
        score["values"] = {name: mean(row) for name, row in score["rows"].items()}
    return by_score


def mean(row: Sequence[float | None]) -> float | None:
    """Mean of the numbers that are there."""
    there = [each for each in row if each is not None]
    return sum(there) / len(there) if there else None


def same_networks(result: Result, other: Result) -> bool:
    """True if two results are on the same networks, to rounding, by the rows of the controls."""
    if result["networks"] == other["networks"]:
        return True
    theirs = {score["name"]: score["rows"] for score in other["scores"]}
    for score in result["scores"]:
        for name in controls():
            one = mean(score["rows"].get(name, []))
            two = mean(theirs.get(score["name"], {}).get(name, []))
            if one is not None and two is not None and abs(one - two) > SAME * abs(two):
                return False
    return True


def alike(results: Sequence[Result]) -> list[tuple[str, str]]:
    """Pairs of methods whose numbers are the same in every score: one method under two names."""
    numbers = []
    for each in results:
        name = each["method"]["name"]
        numbers.append((name, {score["name"]: score["rows"].get(name) for score in each["scores"]}))
    pairs = combinations(numbers, 2)
    return [(one, other) for (one, own), (other, theirs) in pairs if own == theirs and own]
