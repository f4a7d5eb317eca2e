"""Does an edit move a reading as exact parameters? python -m benchmarks.doses_same_mechanism RUN.

RUN are folders of finished runs that read PR, QRS or QT of median beats. Each network reads 64
exact ECGs (ecglens_measure.known.exact_ecgs) that are changed in three ways: by their parameters,
which is true by construction; as recordings by a map of time with the marks that we measure; and by
the map with the true marks, which shows what the marks add.

The rules, written down before the first run:

1. The doses are those of time that move the label that the network reads, at their usual sizes on
   recordings; t_end, for exact ECGs alone, has no edit. A dose of one name does the same in both
   ways for PR (P is carried, or P and PQ are stretched), for T (carried, stretched, with ST) and
   for all of QRS. qrs_end does not quite: the parameters move the end of the last wave, the
   edit stretches all that lies between the R peak and J. This was known before the run.
2. A slope is that of one ECG, through 0, over the sizes that it has in both ways (two at least).
   Edits count per measured millisecond, as on a data sheet.
3. The goal is slope(edit) − slope(parameters) within ±0.03: reached where the whole 95 % interval
   over ECGs of the mean difference lies within, missed where it lies wholly outside, and not
   decided otherwise. The measured marks decide; true marks, and slopes per intended
   millisecond, stand beside.

Writes same_mechanism.csv into the folder --to. A minute on one core for all.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from ecglens.eval.statistics import sampling
from ecglens.store import Store
from ecglens_measure.answers import consistent, edits
from ecglens_measure.doses import Dose, Marked, doses, marked
from ecglens_measure.known import exact_ecgs
from ecglens_measure.responses import slopes
from torch import nn

from benchmarks.dose_combinations import opened, read

ECGS, WITHIN = 64, 0.03
INTERVALS = ("pr", "qrs", "qt")
WAYS = ("parameters", "measured", "true")


def ways() -> dict[str, Marked]:
    """The same exact ECGs by their parameters, with measured marks, and with true marks."""
    exact = exact_ecgs(count=ECGS).ecgs
    common = {"rr_ms": exact.rr.tolist(), "ids": exact.ids}
    return {
        "parameters": exact,
        "measured": marked(exact.x, **common),
        "true": marked(exact.x, marks=exact.marks, **common),
    }


def doses_of(label: str) -> list[Dose]:
    """Doses of time that move this label and that recordings can be given."""
    found = doses().values()
    return [each for each in found if each.label == label and each.on_recordings]


def changes(
    net: nn.Module, ecgs: Marked, dose: Dose, store: Store
) -> tuple[np.ndarray, np.ndarray]:
    """Change of the reading and measured size, (ecg, size); NaN where an ECG is left out."""
    before = read(net, consistent(ecgs.x))
    change, measured = (np.full((len(ecgs), len(dose.sizes)), np.nan) for _ in range(2))
    for place, by in enumerate(dose.sizes):
        if abs(by) <= dose.on_recordings:
            found = edits(ecgs, dose, by, store)
            change[found.index, place] = read(net, found.x) - before[found.index]
            measured[found.index, place] = found.measured
    return change, measured


def slopes_of(change: np.ndarray, sizes: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Slope of each ECG over the sizes that are there."""
    return slopes(np.where(there, change, 0.0)[None], np.where(there, sizes, 0.0))[0]


def rows_of(
    net: nn.Module, every: Mapping[str, Marked], dose: Dose, store: Store
) -> Iterator[dict[str, object]]:
    """A line by way to edit: both slopes, and their difference with its interval."""
    found = {way: changes(net, ecgs, dose, store) for way, ecgs in every.items()}
    exact, sizes = found["parameters"]
    for way in WAYS[1:]:
        change, measured = found[way]
        there = np.isfinite(change) & np.isfinite(exact)
        ecgs = np.flatnonzero(there.sum(1) >= 2)
        both = there[ecgs]
        true = slopes_of(exact[ecgs], sizes[ecgs], both)
        edited = slopes_of(change[ecgs], measured[ecgs], both)
        apart = edited - true
        ((low,), (high,)) = sampling(1, 1, [*map(str, ecgs)], 0).interval(apart[None, None])
        inside, outside = low > -WITHIN and high < WITHIN, low > WITHIN or high < -WITHIN
        yield {
            "dose": dose.name,
            "marks": way,
            "ecgs": len(ecgs),
            "slope_parameters": true.mean(),
            "slope_edit": edited.mean(),
            "difference": apart.mean(),
            "low": low,
            "high": high,
            "goal": "reached" if inside else "missed" if outside else "not decided",
            "difference_intended": (slopes_of(change[ecgs], sizes[ecgs], both) - true).mean(),
            "scatter": apart.std(ddof=1),
        }


def main(arguments: Sequence[str] | None = None) -> None:
    """Change, read, and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--to", type=Path, default=Path("results/measure"))
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    every, lines = ways(), []
    for run in given.runs:
        network, ecgs = opened(run)
        label, learned = ecgs.target.column, ecgs.records.name
        if label not in INTERVALS:
            raise ValueError(f"expected runs that read {', '.join(INTERVALS)}, got {label}: {run}")
        lines += [
            {"network": label, "learned_from": learned, **row}
            for dose in doses_of(label)
            for row in rows_of(network.net, every, dose, network.store)
        ]
    table = pd.DataFrame(lines).round(4)
    table.to_csv(given.to / "same_mechanism.csv", index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
