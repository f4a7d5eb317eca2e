"""Methods that cheat, through a season: what finds each, and how far it gets.

    python -m benchmarks.season_cheats SEASON --to cheats.csv

Run from a copy of the repository: the cheats are those of the tests. A cheat is found where a check
or decoy takes its place, or has no reward: no part's interval lies above that of |dx/dt|, of random
numbers and of the honest map that it contains.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from ecglens_benchmark.season.run import effect_of, season_card
from ecglens_benchmark.season.world import Sizes

from apps.benchmark.tests.season import cheats

FILE = Path(cheats.__file__)
REFERENCES = ("abs_dx", "random")


def card_of(name: str, season: Any, store: Path, sizes: Sizes) -> dict[str, Any]:
    """Card of a class of the file of cheats."""
    words = f"{FILE}:{name}"
    return season_card(words, season, store, lambda _: None, f"my {name}", sizes=sizes)


def rows_of(
    cheat: Mapping[str, Any], honest: Mapping[str, Any] | None
) -> Sequence[Mapping[str, Any]]:
    """A row for each part: effects of the cheat and of the best of what it may score."""
    found = [each["name"] for each in cheat["checks"] if each["said"]]
    rows = []
    for number, part in enumerate(cheat["parts"]):
        allowed = {
            name: effect_of(pd.Series(part["rows"][name]).to_numpy(float)) for name in REFERENCES
        }
        if honest is not None:
            allowed["honest"] = honest["parts"][number]
        best = max(allowed, key=lambda name: _high(allowed[name]))
        rows.append(
            {
                "cheat": cheat["method"]["name"].removeprefix("my "),
                "found by": "; ".join(found),
                "isolated": cheat["isolated"],
                "part": part["name"],
                **{key: part[key] for key in ("effect", "low", "high")},
                "may score": best,
                "its high": _high(allowed[best]),
                "rewarded": part["low"] is not None and part["low"] > _high(allowed[best]),
            }
        )
    return rows


def _high(part: Mapping[str, Any]) -> float:
    return part["effect"] if part["high"] is None else part["high"]


def table_of(season: Any, store: Path, sizes: Sizes) -> pd.DataFrame:
    """Rows of every cheat in a season."""
    honest = {
        name: card_of(name, season, store, sizes) for name in sorted({*cheats.HONEST.values()})
    }
    rows: list[Mapping[str, Any]] = []
    for kind in (*cheats.FOUND_BEFORE, *cheats.MORE):
        name = kind.__name__
        card = card_of(name, season, store, sizes)
        own = rows_of(card, honest.get(cheats.HONEST.get(name, "")))
        rewarded = [each["part"] for each in own if each["rewarded"]]
        print(f"{name}: found by {own[0]['found by'] or '–'}; rewarded in {rewarded or '–'}")
        rows += own
    return pd.DataFrame(rows)


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("season")
    parser.add_argument("--store", type=Path, default=Path("store"))
    parser.add_argument("--to", type=Path, default=Path("cheats.csv"))
    arguments = parser.parse_args()
    table_of(arguments.season, arguments.store, Sizes()).to_csv(arguments.to, index=False)


if __name__ == "__main__":
    main()
