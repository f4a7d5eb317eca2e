"""Realised power of plans on networks that they did not see.

    python -m benchmarks.plan_power RUN…

RUN: finished runs of networks that differ in their seed, 256 ECGs each. Written down before the
first run: a plan is made from PILOTS random sets of 32 and 64 ECGs of one run, for a gain of 20 %
and a power of .9 (docs/plan.md). It is tried on every run: each test's differences are moved to a
mean of exactly 20 % of own, sets of the planned number of ECGs are drawn from the 256 with
replacement (each ECG drawn counts as another patient), and the run's own test (bootstrap-t, every
test below 5 % / methods) is made on each. The claim: over pilots and the runs that were not planned
from, the mean share of sets in which the method is shown lies in .85 to .95.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ecglens.eval.statistics import LEVEL, sampling
from ecglens.jobs import findings_in
from ecglens_plan import Comparisons, Pilot, comparisons_of

GAIN, POWER = 0.2, 0.9
SIZES, PILOTS, SETS = (32, 64), 10, 40
ASKED = ("target", "other patients")
OUT = Path("results/plan/power.csv")


def main() -> None:
    """Write the table, and print the means over runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+")
    found = {run.name: _tests(run) for run in parser.parse_args().runs}
    both = set.intersection(*({*tests} for tests in found.values()))  # a run may lack a test
    found = {
        run: {key: one for key, one in tests.items() if key in both} for run, tests in found.items()
    }
    table = pd.DataFrame(_rows(found))
    OUT.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(OUT, index=False, lineterminator="\n", float_format="%.4g")
    unseen = table[table["planned_from"] != table["tried_on"]]
    for by in (["asked", "pilot"], ["asked", "method", "pilot"]):
        print(unseen.groupby(by)[["ecgs", "realised"]].mean().round(3).to_string())


def _tests(run: Path) -> dict[tuple[str, str], Comparisons]:
    """Comparisons by question and method."""
    findings = findings_in(run)
    return {(asked, one.method): one for asked in ASKED for one in comparisons_of(findings, asked)}


def _rows(runs: dict[str, dict[tuple[str, str], Comparisons]]) -> Iterator[dict[str, Any]]:
    for planned_from, tests in runs.items():
        for (asked, method), comparisons in tests.items():
            for size in SIZES:
                plans = [_planned(comparisons, size, pilot) for pilot in range(PILOTS)]
                counts = [each for each in plans if each is not None]
                for tried_on, others in runs.items():
                    shown = [realised(others[asked, method], count) for count in counts]
                    yield {
                        "asked": asked, "method": method, "pilot": size,
                        "planned_from": planned_from, "tried_on": tried_on,
                        "planned": len(counts), "ecgs": float(np.median(counts or [np.nan])),
                        "fewest": min(counts, default=np.nan), "most": max(counts, default=np.nan),
                        "realised": float(np.mean(shown or [np.nan])),
                        "lowest": min(shown, default=np.nan), "highest": max(shown, default=np.nan),
                    }  # fmt: skip
                print(asked, method, size, planned_from, counts, flush=True)


def _planned(comparisons: Comparisons, size: int, pilot: int) -> int | None:
    random = np.random.default_rng([size, pilot])
    patients = random.choice(comparisons.own.shape[1], size, replace=False)
    return Pilot(comparisons.of(patients), GAIN, seed=pilot).ecgs(POWER)


def realised(comparisons: Comparisons, count: int) -> float:
    """Share of sets of this many ECGs in which every test is significant."""
    apart = comparisons.difference
    mean = GAIN * comparisons.own.mean(1, keepdims=True)
    moved = apart - apart.mean(1, keepdims=True) + mean
    drawn = sampling(1, comparisons.methods, [f"{place:06d}" for place in range(count)], 0)
    random, shown = np.random.default_rng(count), 0
    for _ in range(SETS):
        values = moved[:, None, random.integers(0, apart.shape[1], count)]
        p = np.where(values.mean((1, 2)) > 0, drawn.p(values), 1.0)
        shown += bool((comparisons.methods * p < LEVEL).all())
    return shown / SETS


if __name__ == "__main__":
    main()
