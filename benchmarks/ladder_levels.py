"""Levels of the null ladder that methods reach in finished runs, as a table for docs/ladder.md.

python -m benchmarks.ladder_levels RUN…

A cell is the level by each protocol of the run, in their order. A second table has, for every
method whatever it reaches, the area of another patient's map and of the mean of others' as a share
of the own map's, with a 95 % interval over patients; --write keeps it. Methods are not chosen by
their own area: one that is high by chance would make its share too low.
"""

import argparse
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from ecglens.eval import ANOTHER_PATIENT, MEAN_OF_OTHERS, Finding, grouped, load_finding, rank
from ecglens.eval.ranking import paired_areas, side_by_side, usable_patients
from ecglens.eval.statistics import bootstrap_means, interval, resampled

OUT = Path("results/plan/shares.csv")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true", help=f"write the shares to {OUT}")
    given = parser.parse_args()
    rows = [row for run in given.runs for row in _rows(run)]
    print(pd.DataFrame(rows).fillna("").to_string(index=False))
    shares = pd.DataFrame([row for run in given.runs for row in _shares(run)])
    print(shares.to_string(index=False, float_format="%.2f"))
    if given.write:
        OUT.parent.mkdir(parents=True, exist_ok=True)
        shares.to_csv(OUT, index=False, lineterminator="\n", float_format="%.4g")


def _by_target(run: Path) -> dict[str, list[Finding]]:
    """Rankings of each target of a run or sweep."""
    paths = sorted([*run.glob("findings/*/finding.json"), *run.glob("*/findings/*/finding.json")])
    findings = [load_finding(path.parent) for path in paths]
    by_target: dict[str, list[Finding]] = {}
    for finding in grouped([each for each in findings if each.curves]):
        by_target.setdefault(finding.about.target.name, []).append(finding)
    return by_target


def _rows(run: Path) -> Iterator[dict[str, object]]:
    """A row for each target of a run or sweep."""
    for target, each in _by_target(run).items():
        rankings = [rank(finding) for finding in each]
        names = [name for name in rankings[0].names if name in rankings[0].ladder.reached]
        yield {
            "run": run.name,
            "target": target,
            "networks": len(each[0].about.networks),
            "protocols": ", ".join(finding.about.evaluation for finding in each),
            **{n: " ".join(str(one.ladder.reached.get(n, "–")) for one in rankings) for n in names},
        }


def _shares(run: Path) -> Iterator[dict[str, object]]:
    """A row for each target, protocol, method and rung: the rung's share of the own area."""
    for target, findings in _by_target(run).items():
        for finding in findings:
            each = side_by_side(finding)
            patients = usable_patients(each[0])
            for method, rung in product(each[0].methods, (ANOTHER_PATIENT, MEAN_OF_OTHERS)):
                pairs = [paired_areas(one, method, rung) for one in each]
                if any(pair is None for pair in pairs):
                    continue
                # network, own or rung, draw, ECG
                found = np.array([pair for pair in pairs if pair is not None]).mean((0, 2))
                means = bootstrap_means(found, resampled(patients, 0))
                (low,), (high,) = interval((means[1] / means[0])[None], len({*patients}))
                yield {
                    "run": run.name, "target": target, "protocol": finding.about.evaluation,
                    "networks": len(each), "ecgs": found.shape[1], "method": method, "rung": rung,
                    "share": found[1].mean() / found[0].mean(), "low": low, "high": high,
                }  # fmt: skip


if __name__ == "__main__":
    main()
