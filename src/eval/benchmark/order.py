"""Methods of several results in order: places with ties, never a single number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..statistics.comparison import sampling
from .suite import PARTS

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
        if self.first is None:
            return "not ranked"
        return f"{self.first}" if self.first == self.last else f"{self.first}–{self.last}"


def order(results: Sequence[Mapping[str, Any]]) -> list[Standing]:
    """Methods by the number of limits met; those with as many are tied."""
    met = {each["method"]["name"]: _met(each) for each in results if not _excluded(each)}
    found = []
    for each in results:
        name = each["method"]["name"]
        if name in met:
            above = sum(other > met[name] for other in met.values())
            tied = sum(other == met[name] for other in met.values())
            found.append(Standing(name, met[name], above + 1, above + tied))
        else:
            found.append(Standing(name, _met(each), None, None))
    last = len(results) + 1
    return sorted(found, key=lambda one: (one.first or last, one.method))


def _met(result: Mapping[str, Any]) -> int:
    verdicts = {each["part"]: each["verdict"] for each in result["outcomes"]}
    return sum(verdicts.get(name) == "passes" for name in LIMITS)


def _excluded(result: Mapping[str, Any]) -> bool:
    return any(each["said"] and each["excludes"] for each in result["checks"])


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
    above, below = np.zeros(len(names), int), np.zeros(len(names), int)
    np.add.at(above, second, low > 0)
    np.add.at(above, first, high < 0)
    np.add.at(below, first, low > 0)
    np.add.at(below, second, high < 0)
    count = len(names)
    return {
        name: (int(above[place]) + 1, count - int(below[place])) for place, name in enumerate(names)
    }
