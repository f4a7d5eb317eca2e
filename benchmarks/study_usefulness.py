"""Coverage and power of studies with and without the map: python -m benchmarks.study_usefulness.

Readers are simulated. Written down before the first run:

- Coverage: 300 studies for each of 4, 6, 10 readers, 20 and 40 ECGs, a true difference of 0 and of
  10 of 100 (from 70), and three ways in which the map acts: alike for all readers and ECGs; as
  `readers.Shares` assumes; and unlike (5 % of the variance between readers, 10 % between ECGs).
  In the second period all judge better (0.2 on the probit scale). The truth is the mean over both
  periods. The claim "95 % intervals hold" stands if all cells together cover in 94 to 97 % and no
  cell in less than 91.2 % (95 % less three standard errors of a cell).
- Beside it, two usual intervals: a t interval of all pairs, as if they were independent, and a t
  interval of the readers' own differences, as if the ECGs were the only ones. No claim.
- Power: 300 studies with what `readers_needed` plans for 8, 10 and 16 readers, a difference of 10
  of 100 and a power of .9. The claim "the plan holds" stands if each has a power of .85 to .95.
- Carry-over: 300 studies of 10 readers and 40 ECGs, without carry-over and with 0.5 on the probit
  scale where an ECG was seen with the map before. The claim "carry-over is tested at 5 %" stands if
  it is found in at most 8.8 % (5 % and three standard errors) of the studies without it. How often
  it is found where it is there is told, without a claim.

Writes results/study/usefulness.csv; about 6 CPU-minutes.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ecglens_study import Readers, readers_needed
from ecglens_study.crossover import WITH, WITHOUT
from ecglens_study.judgements import carry_over, effect
from ecglens_study.readers import Shares, simulated_pairs
from scipy import stats

STUDIES, SEED = 300, 34
WAYS = {
    "alike": Shares(reader_map=0.0, ecg_map=0.0),
    "as assumed": Shares(),
    "unlike": Shares(reader_map=0.05, ecg_map=0.1),
}
PERIOD, CARRY = 0.2, 0.5  # probit scale: 0.2 is 6 to 7 of 100 at 70 of 100
OUT = Path("results/study/usefulness.csv")


@dataclass(frozen=True)
class Cell:
    """Simulated studies of one kind."""

    part: str
    way: str
    readers: Readers
    ecgs: int

    def row(self) -> dict[str, Any]:
        """What came out of STUDIES studies: shares of 1."""
        draw = np.random.default_rng([SEED, self.ecgs, *map(ord, f"{self}")])
        truth, found = self.readers.true_difference, []
        for _ in range(STUDIES):
            pairs = simulated_pairs(self.readers, self.ecgs, draw)
            _, _, value, low, high, _ = effect(pairs)
            _, least, most = carry_over(pairs) if self.part == "carry-over" else (np.nan,) * 3
            gaps = (pairs[WITH] - pairs[WITHOUT]).to_numpy()
            own = gaps.reshape(self.readers.number, -1).mean(1)
            found.append({
                "estimate": value, "width": high - low, "covered": low <= truth <= high,
                "shown": low > 0 or high < 0,
                "carry_found": np.nan if np.isnan(least) else least > 0 or most < 0,
                "pairs_covered": _covers(gaps, truth), "readers_covered": _covers(own, truth),
            })  # fmt: skip
        return {
            "part": self.part, "way": self.way, "readers": self.readers.number, "ecgs": self.ecgs,
            "carry": self.readers.carry, "truth": truth, "studies": STUDIES,
            **{name: float(np.mean([one[name] for one in found])) for name in found[0]},
        }  # fmt: skip


def _covers(values: np.ndarray, truth: float) -> bool:
    """True if the t interval of the mean of these values has the truth in it."""
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return bool(abs(values.mean() - truth) <= half)


def cells() -> Iterator[Cell]:
    """All cells of the table."""
    for way, number, ecgs, gap in product(WAYS, (4, 6, 10), (20, 40), (0.0, 0.1)):
        readers = Readers(number, difference=gap, shares=WAYS[way], period=PERIOD)
        yield Cell("coverage", way, readers, ecgs)
    for plan in readers_needed(Readers(2), 0.9, (8, 10, 16)):
        yield Cell("power", "as assumed", Readers(plan.readers), int(plan.ecgs))
    for carry in (0.0, CARRY):
        readers = replace(Readers(10), period=PERIOD, carry=carry)
        yield Cell("carry-over", "as assumed", readers, 40)


def main() -> None:
    """Write the table; print it, the claims and the CPU time."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    begun = time.process_time()
    table = pd.DataFrame([cell.row() for cell in cells()])
    OUT.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(OUT, index=False, lineterminator="\n", float_format="%.4g")
    print(table.round(3).to_string())
    covered = table.loc[table["part"] == "coverage", "covered"]
    power = table.loc[table["part"] == "power", "shown"]
    false = table.loc[(table["part"] == "carry-over") & (table["carry"] == 0), "carry_found"]
    for claim, holds in {
        "95 % intervals hold": 0.94 <= covered.mean() <= 0.97 and covered.min() >= 0.912,
        "the plan holds": power.between(0.85, 0.95).all(),
        "carry-over is tested at 5 %": false.max() <= 0.088,
    }.items():
        print(f"{claim}: {'yes' if holds else 'no'}")
    print(f"all cells together cover in {covered.mean():.1%}, the lowest in {covered.min():.1%}")
    print(f"{time.process_time() - begun:.0f} CPU-seconds")


if __name__ == "__main__":
    main()
