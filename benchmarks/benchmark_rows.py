"""Rows of the built-in methods for cards: python -m benchmarks.benchmark_rows FOLDER.

FOLDER has card.json of every built-in method, of one tier, one folder each, as
`ecglens benchmark METHOD --to FOLDER/METHOD` writes them. Writes
src/eval/benchmark/reference_SUITE_TIER.json, which comes with the suite.
"""

import json
import sys
from pathlib import Path

from ecglens.eval.benchmark import SUITE, compact, read_result
from ecglens.explain import methods
from ecglens.store import write_text

ROOT = Path(__file__).parents[1]


def write_reference(cards: Path, to: Path) -> Path:
    """The reference of the cards in a folder, methods in the order of the registry.

    Raises ValueError where there is none, for a method that is not built in, and for two tiers.
    """
    found = {one["method"]["name"]: one for one in map(read_result, cards.glob("*/card.json"))}
    strange = {*found} - {*methods()}
    tiers = {each["tier"] for each in found.values()}
    if strange or len(tiers) != 1:
        raise ValueError(
            f"expected cards of built-in methods of one tier in {cards}, got "
            f"{', '.join(sorted(strange | tiers)) or 'none'}"
        )
    results = compact([found[name] for name in methods() if name in found])
    missing = [name for name in methods() if name not in found]
    print(f"{len(results)} methods; without {', '.join(missing) or 'none'}")
    text = json.dumps({"results": results}, separators=(",", ":"), sort_keys=True)
    return write_text(to / f"reference_{SUITE}_{tiers.pop()}.json", text + "\n")


if __name__ == "__main__":
    print(write_reference(Path(sys.argv[1]), ROOT / "src" / "eval" / "benchmark"))
