"""Levels of the null ladder that methods reach in finished runs, as a table for docs/ladder.md.

python -m benchmarks.ladder_levels RUN…

A cell is the level by each protocol of the run, in their order; the last column is the share of the
area of a method that its map of another patient has too (mean over methods that reach level 1).
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from ecglens.eval import Finding, grouped, load_finding, rank
from ecglens.eval.curves import ANOTHER_PATIENT


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path)
    rows = [row for run in parser.parse_args().runs for row in _rows(run)]
    print(pd.DataFrame(rows).fillna("").to_string(index=False))


def _rows(run: Path) -> Iterator[dict[str, object]]:
    """A row for each target of a run or sweep."""
    paths = sorted([*run.glob("findings/*/finding.json"), *run.glob("*/findings/*/finding.json")])
    findings = [load_finding(path.parent) for path in paths]
    by_target: dict[str, list[Finding]] = {}
    for finding in grouped([each for each in findings if each.curves]):
        by_target.setdefault(finding.about.target.name, []).append(finding)
    for target, each in by_target.items():
        rankings = [rank(finding) for finding in each]
        names = [name for name in rankings[0].names if name in rankings[0].ladder.reached]
        shared = [_shared(ranking.ladder.rungs, ranking.ladder.reached) for ranking in rankings]
        yield {
            "run": run.name,
            "target": target,
            "networks": len(each[0].about.networks),
            "protocols": ", ".join(finding.about.evaluation for finding in each),
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
