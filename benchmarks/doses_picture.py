"""Beats before and after a dose: python -m benchmarks.doses_picture [PTBXL] [--to FILE].

PTBXL holds PTB-XL in its original layout; without it, the records in tests/data. One row a record,
one column a dose, on the grid of ECG paper. An edit that is refused has no red line but its reason.
To look at, beside the numbers of benchmarks/doses_on_recordings.py.
"""

import argparse
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from ecglens.datamodules import open_records
from ecglens.ecg import LEADS, R_INDEX, median_beat
from ecglens_measure import Marked, applied, marked
from ecglens_measure.doses import doses
from ecglens_measure.doses.dose import MS
from matplotlib.axes import Axes

ROOT = Path(__file__).parents[1]
SHOWN = {"pr": 40.0, "qrs": 20.0, "t_shift": 40.0, "jt": -40.0, "r": 400.0, "j": 50.0}
DRAWN, APART_MV = ("II", "V2", "V5"), 1.6
PAPER, BEFORE, AFTER = "#f2c6c6", "0.45", "#c1272d"


def beats(folder: Path, count: int) -> Marked:
    """Median beats of the first records of PTB-XL."""
    records = [*islice(open_records("ptbxl", folder), count)]
    found = [median_beat(record) for record in records]
    return marked(
        np.stack([beat.signal for beat in found]),
        rr_ms=[beat.rr_ms for beat in found],
        ids=[record.id for record in records],
    )


def draw(axes: Axes, before: np.ndarray, after: np.ndarray | None, title: str) -> None:
    """Three leads on paper of 25 mm/s and 10 mm/mV, a millimetre to each line."""
    ms = (np.arange(before.shape[1]) - R_INDEX) * MS
    axes.set_xticks(np.arange(-480, 700, 40), minor=True)
    axes.set_yticks(np.arange(-4.5, 1.6, 0.1), minor=True)
    axes.grid(which="both", color=PAPER, linewidth=0.3)
    for place, lead in enumerate(DRAWN):
        row, level = LEADS.index(lead), -APART_MV * place
        axes.plot(ms, before[row] / 1e3 + level, color=BEFORE, linewidth=1.4)
        if after is not None:
            axes.plot(ms, after[row] / 1e3 + level, color=AFTER, linewidth=0.8)
        axes.text(-490, level + 0.12, lead, fontsize=7)
    axes.set(xlim=(-500, 700), ylim=(-4.5, 1.5), xticks=[], yticks=[])
    axes.set_title(title, fontsize=7)


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "tests" / "data" / "ptbxl")
    parser.add_argument("--records", type=int, default=3)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "images" / "doses.png")
    given = parser.parse_args(arguments)
    ecgs = beats(given.folder, given.records)
    size = (2.6 * len(SHOWN), 2.5 * len(ecgs))
    figure, grid = plt.subplots(len(ecgs), len(SHOWN), figsize=size, squeeze=False)
    for column, (name, by) in enumerate(SHOWN.items()):
        found = applied(ecgs, name, by)
        after = dict(zip(found.index.tolist(), found.x, strict=True))
        for row in range(len(ecgs)):
            said = found.left_out.get(row, f"{by:+g} {doses()[name].unit}")
            draw(grid[row, column], ecgs.x[row], after.get(row), f"{name}: {said}")
    figure.tight_layout(pad=0.4)
    figure.savefig(given.to, dpi=80)
    print(given.to)


if __name__ == "__main__":
    main()
