"""Rows of the built-in methods for cards: python -m benchmarks.benchmark_rows FOLDER.

FOLDER has card.json of every built-in method, of one tier, one folder each, as
`ecglens benchmark METHOD --to FOLDER/METHOD` writes them. Writes
apps/benchmark/ecglens_benchmark/reference_SUITE_TIER.json, which comes with the suite.
"""

import json
import sys
from pathlib import Path

from ecglens.explain import methods
from ecglens.store import write_text
from ecglens_benchmark import SUITE, read_result
from ecglens_benchmark.standings import compact
from ecglens_benchmark.suite import built_in

ROOT = Path(__file__).parents[1]


def write_reference(cards: Path, to: Path) -> Path:
    """The reference of the cards in a folder, methods in the order of the registry.

    Raises ValueError where there is none, for a method that is not as built in, for one with two
    cards, for two tiers, and for cards on different networks.
    """
    every = [read_result(path) for path in sorted(cards.glob("*/card.json"))]
    found = {one["method"]["name"]: one for one in every}
    strange = sorted(name for name, one in found.items() if not built_in(one["method"]))
    tiers = sorted({each["tier"] for each in every})
    if strange or len(tiers) != 1:
        raise ValueError(
            f"expected cards of built-in methods as they are, of one tier, in {cards}, got "
            f"{', '.join(strange + tiers) or 'none'}"
        )
    if len(found) < len(every):
        names = [one["method"]["name"] for one in every]
        twice = ", ".join(sorted({name for name in names if names.count(name) > 1}))
        raise ValueError(f"expected a card for each method in {cards}, got two of {twice}")
    first, *rest = every
    others = [one["method"]["name"] for one in rest if one["networks"] != first["networks"]]
    if others:
        raise ValueError(
            f"expected cards on the networks of {first['method']['name']} in {cards}, got others "
            f"of {', '.join(others)}; run all of them with one store"
        )
    results = compact([found[name] for name in methods() if name in found])
    missing = [name for name in methods() if name not in found]
    print(f"{len(results)} methods; without {', '.join(missing) or 'none'}")
    text = json.dumps({"results": results}, separators=(",", ":"), sort_keys=True)
    return write_text(to / f"reference_{SUITE}_{tiers[0]}.json", text + "\n")


if __name__ == "__main__":
    print(write_reference(Path(sys.argv[1]), ROOT / "apps" / "benchmark" / "ecglens_benchmark"))
