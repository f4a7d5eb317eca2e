"""Do a few ECGs with a J amplitude near 0 decide the published score on J?

python -m benchmarks.near_zero RUNS

RUNS is the folder runs/ of a finished `ecglens reproduce storas`. The published score divides the
error by the true value. This leaves out the ECGs below a size and writes the areas of the others
to results/storas/near_zero.csv. Rule, written before it was run: they decide it if, without the
ECGs below 10 µV (0.1 mm on paper, which nobody reads off), every method but Deconvolution is above
random numbers, as in the printed Table 4, and ρ with it is at least 0.5. The print has more than
the rule asks: on J Deconvolution is above random numbers there too. Areas are means, without
intervals.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from ecglens.eval import Finding, joined
from ecglens.eval.ranking import areas, errors, side_by_side, usable
from ecglens.jobs.runs import finished_in
from ecglens_reproductions.agreement import ANCHORS, spearman
from ecglens_reproductions.printed import printed_auc
from ecglens_reproductions.provenance import commit

TO = Path(__file__).parents[1] / "results" / "storas" / "near_zero.csv"
SIZES = (0.0, 5.0, 10.0, 20.0)  # µV
TARGET = "j"


def rows_of(finding: Finding) -> pd.DataFrame:
    """A row per size and method: ECGs left, area, printed area, and ρ with the print."""
    each, printed = side_by_side(finding), printed_auc()[TARGET]
    names = [*each[0].methods, *each[0].controls]
    known = [place for place, name in enumerate(names) if name in printed]
    compared = [place for place in known if names[place] not in ANCHORS]
    theirs = np.array([printed[names[place]] for place in compared])
    of_ecgs = areas(errors(each), each[0].protocol.until)
    size = np.abs(each[0].y[usable(each[0])])
    found = []
    for least in SIZES:
        means = of_ecgs[:, :, size >= least].mean((1, 2))
        rho = float(spearman(means[None, compared], theirs)[0])
        found += [
            {
                "size_uv": least,
                "ecgs": int((size >= least).sum()),
                "method": names[place],
                "area": means[place],
                "printed": printed[names[place]],
                "rho": rho,
            }
            for place in known
        ]
    return pd.DataFrame(found)


def main() -> None:
    """Read, leave out and write."""
    runs = finished_in(Path(sys.argv[1]) / "medians")
    finding = joined([each for each in runs if each.curves and each.about.target.name == TARGET])
    table = rows_of(finding).assign(commit=commit())
    table.to_csv(TO, index=False)
    print(table.pivot(index="method", columns="size_uv", values="area").round(2).to_string())
    print(table.groupby("size_uv")[["ecgs", "rho"]].first().to_string())


if __name__ == "__main__":
    main()
