"""How often the return test shows true contributions where the answer is known.

python -m benchmarks.return_power [--ecgs 192] [--repeats 200] [--to results/return_test/power.csv]

All ECGs are put through the test once, with all others as other patients; a repeat is 64 of them.
A row has the share of repeats in which true contributions are shown by a set of nulls
(docs/ladder.md), and each null as a share of the own return over all ECGs.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from ecglens.eval import Subject
from ecglens.eval.chunks import Keeper
from ecglens.eval.evaluations.return_test import FILLS, Null, largest_p, return_chunks, typical_of
from ecglens.eval.statistics import LEVEL, sampling
from ecglens_benchmark.meta_evaluation import truth_from_mean
from ecglens_benchmark.meta_evaluation.returns import RETURNS

SAMPLE = 64  # as an evaluation has by default
NEAREST, NEAREST_R = Null("nearest", True, True), Null("nearest_from_r", True, False)
SIDE, SIDE_R = Null("same_side", False, True), Null("same_side_from_r", False, False)
NULLS = (NEAREST, NEAREST_R, SIDE, SIDE_R)
# Strictest first (docs/ladder.md).
SETS = (NULLS, (NEAREST, SIDE), (NEAREST, SIDE_R), (NEAREST_R, SIDE_R), (NEAREST,), (NEAREST_R,))


def main() -> None:
    """Print the table and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ecgs", type=int, default=192)
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--to", type=Path, default=Path("results/return_test/power.csv"))
    given = parser.parse_args()
    rows = []
    for name in RETURNS:
        rows.append(_row(name, given.ecgs, given.repeats))
        print(pd.DataFrame(rows[-1:]).T.to_string(), flush=True)
    given.to.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(given.to, index=False, float_format="%.3f")


def _row(name: str, count: int, repeats: int) -> dict[str, object]:
    known = RETURNS[name]
    ecgs = known.ecgs(count)
    subject = Subject(ecgs, {}, progress=False)
    typical = typical_of(known.net, subject)
    keeper = Keeper(subject.store, len(typical.probe.chunks), lambda count: None)
    maps = truth_from_mean(known.net, ecgs.x).numpy().astype(np.float32)
    returns = return_chunks(typical, maps, name, keeper, NULLS).all("returns").astype(float)
    mean = returns[..., 1:].mean(-1)
    there = np.flatnonzero(np.isfinite(mean).all((1, 2)))
    random, shown = np.random.default_rng(0), np.zeros(len(SETS))
    for _ in range(repeats):
        chosen = random.choice(there, SAMPLE, replace=False)
        drawn = sampling(1, 1, [ecgs.record[ecg] for ecg in chosen], 0)
        for place, nulls in enumerate(SETS):
            series = [0, *(1 + NULLS.index(null) for null in nulls)]
            shown[place] += largest_p(mean[chosen][:, series], drawn) < LEVEL
    total = mean[there].mean(0)
    gone = returns[there, 0, :, -1].sum(0) / np.abs(typical.away)[:, there].sum(1)
    own = dict(zip(FILLS, total[0], strict=True))
    return {
        "network": name,
        "truth": known.kind,
        **{f"set_{number}": each / repeats for number, each in enumerate(shown, 1)},
        **{
            f"{null.name}, {fill}": total[1 + place, at] / own[fill]
            for place, null in enumerate(NULLS)
            for at, fill in enumerate(FILLS)
        },
        **{f"gone after 15, {fill}": gone[at] for at, fill in enumerate(FILLS)},
    }


if __name__ == "__main__":
    main()
