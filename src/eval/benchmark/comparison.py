"""Results of several methods side by side: one row for each method and control in every score."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from ...explain import controls
from .order import places
from .suite import SUITE

Result = Mapping[str, Any]
# Largest difference of a control's mean, as a share of it, at which two runs had one network.
SAME = 1e-3


@cache
def reference(tier: str) -> tuple[Result, ...]:
    """Results of the built-in methods that come with this version of the suite; may be none.

    Each has the rows of the controls, which the file has once (`compact`).
    """
    file = files("ecglens.eval.benchmark") / f"reference_{SUITE}_{tier}.json"
    if not file.is_file():
        return ()
    return tuple(_whole(json.loads(file.read_text(encoding="utf-8"))["results"]))


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


def _whole(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Results as they were before `compact`."""
    of_controls = {
        score["name"]: {name: row for name, row in score["rows"].items() if name in controls()}
        for score in results[0]["scores"]
    }
    found = []
    for each in results:
        scores = [
            {**score, "rows": {**score["rows"], **of_controls.get(score["name"], {})}}
            for score in each["scores"]
        ]
        found.append({**each, "scores": scores})
    return found


def beside(result: Result, others: Sequence[Result]) -> list[Result]:
    """This result, then the others of the same tier that are not of a method of this name."""
    name, tier = result["method"]["name"], result["tier"]
    return [
        result,
        *(one for one in others if one["tier"] == tier and one["method"]["name"] != name),
    ]


def side_by_side(results: Sequence[Result]) -> dict[str, dict[str, Any]]:
    """By name of a score its label, part, direction, unit, `rows` and `places`.

    The rows are those of methods and controls, the places by what `over` names. `values` are means
    over what a method has numbers of.
    """
    found: dict[str, dict[str, Any]] = {}
    for result in results:
        for score in result["scores"]:
            about = {key: score[key] for key in ("label", "part", "better", "over")}
            rows = found.setdefault(score["name"], {**about, "rows": {}})["rows"]
            for name, row in score["rows"].items():
                rows.setdefault(name, row)
    for score in found.values():
        lengths = {len(row) for row in score["rows"].values()}
        alike = score["better"] and len(lengths) == 1
        score["places"] = places(score["rows"], score["better"]) if alike else {}
        score["values"] = {name: mean(row) for name, row in score["rows"].items()}
    return found


def mean(row: Sequence[float | None]) -> float | None:
    """Mean of the numbers that are there."""
    there = [each for each in row if each is not None]
    return sum(there) / len(there) if there else None


def same_networks(result: Result, other: Result) -> bool:
    """Whether two results are on the same networks, to rounding, by the rows of the controls."""
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
    numbers = [
        (
            each["method"]["name"],
            {score["name"]: score["rows"].get(each["method"]["name"]) for score in each["scores"]},
        )
        for each in results
    ]
    return [
        (one, other)
        for place, (one, own) in enumerate(numbers)
        for other, theirs in numbers[place + 1 :]
        if own == theirs and own
    ]
