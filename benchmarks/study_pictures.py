"""Cost of what a study's pages draw: python -m benchmarks.study_pictures.

Prints the CPU time (ms, one thread) and the size (kB) of the samples of a sheet and of the steps of
a noise heatmap, for beats and strips in both views. A study has one sheet per ECG and view, and
one map per ECG, view, target and method.
"""

import time
from collections.abc import Iterator

import numpy as np
from ecglens.datamodules.readers.deepfake import Deepfake
from ecglens_study import VIEWS, heat_of, sheet_of

from .clock import fastest, threads
from .plan import Plan, asked
from .row import OURS, Row, samples, show

PART = "study_pictures"
FS = 500.0


def rows(plan: Plan) -> Iterator[Row]:
    """Rows for sheets and maps of one generated ECG, and of its first samples instead of a beat."""
    (record,) = Deepfake(1).read(0, 1)
    for length in plan.inputs:
        x = record.signal[:, :length].astype(np.float64)
        heatmap = np.random.default_rng(0).standard_normal(x.shape)
        for view in VIEWS:
            packed = {
                "sheet": lambda x=x, view=view: sheet_of(x, view, FS, 0).signal,
                "map": lambda m=heatmap, view=view: heat_of(m, view, FS),
            }
            with threads(1):
                found = fastest(packed, time.process_time, plan.seconds)
            for name, ms in found.items():
                note = f"{len(packed[name]()) / 1000:.1f} kB"
                yield Row(PART, f"{name}, {view}", samples(length), OURS, cpu_ms=ms, note=note)


if __name__ == "__main__":
    show(rows(asked()))
