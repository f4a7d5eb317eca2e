"""Levels of the null ladder that methods reach in finished runs, as a table for docs/ladder.md.

python -m benchmarks.ladder_levels RUN…

A cell is the level by each protocol of the run, in their order; the last column is the share of the
area of a method that its map of another patient has too (mean over methods that reach level 1).
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from ecglens.eval import Result, rank
from ecglens.eval.rungs import ANOTHER_PATIENT
from ecglens.report.views.perturbation import ranked_together


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path)
    rows = [row for run in parser.parse_args().runs for row in _rows(run)]
    print(pd.DataFrame(rows).fillna("").to_string(index=False))


def _rows(run: Path) -> Iterator[dict[str, object]]:
    """A row for each target and set of networks of a run or sweep."""
    paths = sorted([*run.glob("results/*/result.json"), *run.glob("*/results/*/result.json")])
    found: dict[str, list[Sequence[Result]]] = {}
    for group in ranked_together([Result.load(path.parent) for path in paths]):
        found.setdefault(group[0].target.name, []).append(group)
    for target, groups in found.items():
        rankings = [rank(group) for group in groups]
        names = [name for name in rankings[0].names if name in rankings[0].ladder.reached]
        shared = [_shared(ranking.ladder.rungs, ranking.ladder.reached) for ranking in rankings]
        yield {
            "run": run.name,
            "target": target,
            "networks": len(groups[0]),
            "protocols": ", ".join(group[0].scores.protocol.name for group in groups),
            **{n: " ".join(str(one.ladder.reached.get(n, "–")) for one in rankings) for n in names},
            "shared": " ".join(f"{share:.2f}" for share in shared),
        }


def _shared(rungs: pd.DataFrame, reached: dict[str, int]) -> float:
    """Area of another patient's map by that of the own map, mean over methods of level 1 on."""
    rows = rungs[rungs["rung"] == ANOTHER_PATIENT]
    rows = rows[[reached[str(name)] > 0 for name in rows["method"]]]
    return float(np.mean(rows["auc"] / rows["own"])) if len(rows) else np.nan


if __name__ == "__main__":
    main()
