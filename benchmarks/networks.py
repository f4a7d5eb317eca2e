"""Areas and errors on each network of Storås 2025, and how many orders its universes have.

python -m benchmarks.networks RUNS

RUNS is the folder runs/ of a finished `ecglens reproduce storas`. Writes to results/storas/:
networks.csv has the area of each method on each network, with the error after 0, 5 and 15 points,
of all ECGs and of those of figure 7; orders.csv has the number of universes of each target, and of
different areas and different orders of the nine methods among them.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from ecglens.eval import Finding
from ecglens.eval.ranking import areas, errors, side_by_side, usable
from ecglens.jobs.runs import finished_in
from ecglens_reproductions.printed import printed_auc
from ecglens_reproductions.provenance import commit
from ecglens_reproductions.sources import sources
from ecglens_reproductions.universes import multiverse
from scipy.stats import rankdata

TO = Path(__file__).parents[1] / "results" / "storas"
POINTS = (0, 5, 15)  # the clean ECG, a third of the area, and its end
ROUNDING = 9  # decimals: equal sums in another order differ in the last


def rows_of(finding: Finding) -> Iterator[dict[str, object]]:
    """A row per network and method: ECGs, their smallest |label|, area and errors."""
    each = side_by_side(finding)
    of_points = errors(each)
    of_ecgs = areas(of_points, each[0].protocol.until)
    size = np.abs(each[0].y[usable(each[0])])
    target = finding.about.target.name
    for network in range(len(each)):
        for place, name in enumerate([*each[0].methods, *each[0].controls]):
            if name in printed_auc()[target]:
                mean = of_points[place, network].mean(0)
                yield {
                    "target": target,
                    "network": network,
                    "ecgs": len(size),
                    "smallest": size.min(),
                    "method": name,
                    "area": of_ecgs[place, network].mean(),
                    **{f"error_{point}": mean[point] for point in POINTS},
                }


def orders_of(finding: Finding) -> dict[str, object]:
    """Numbers of universes, and of different areas and orders among them."""
    target = finding.about.target.name
    own = multiverse(target, sources([finding])[target]).universes.own
    return {
        "target": target,
        "universes": len(own),
        "areas": len(np.unique(own.round(ROUNDING), axis=0)),
        "orders": len(np.unique(rankdata(-own.round(ROUNDING), axis=1), axis=0)),
    }


def main() -> None:
    """Read and write."""
    runs = Path(sys.argv[1])
    medians, curves = (finished_in(runs / name) for name in ("medians", "curves"))
    rows = [row for finding in (*medians, *curves) for row in rows_of(finding)]
    pd.DataFrame(rows).assign(commit=commit()).to_csv(TO / "networks.csv", index=False)
    orders = pd.DataFrame([orders_of(finding) for finding in medians])
    orders.assign(commit=commit()).to_csv(TO / "orders.csv", index=False)
    print(orders.to_string(index=False))


if __name__ == "__main__":
    main()
