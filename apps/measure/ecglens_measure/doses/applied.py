"""ECGs with a dose: changed, measured again, and those left out with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ecglens.ecg import (
    INDEPENDENT_INDEX,
    R_INDEX,
    Segments,
    from_eight,
    read_beat,
)
from jaxtyping import Float, Float32, Int

from . import exact, timing
from .catalogue import doses
from .checks import check, moved
from .dose import Dose, Unchangeable
from .marking import MS, Marked, marked, median_of_strip
from .time_map import time_map, warped

ABSENT = {"P": "no P wave", "QRS": "no clear edges of QRS", "T": "no T wave"}
LABEL_OF = {"P": "pr", "QRS": "qrs", "T": "qt"}


@dataclass(frozen=True, eq=False)
class Changed:
    """ECGs after one dose of one size: signals, their rows in the original, and what moved.

    `measured` is the size in the dose's unit: true by construction for exact ECGs, measured again
    on recordings. `others` has the change of every label (ms, µV, 1/min) per kept ECG, NaN where it
    cannot be read. `left_out` is the reason by row.
    """

    x: Float32[np.ndarray, "kept 12 time"]
    index: Int[np.ndarray, " kept"]
    measured: Float[np.ndarray, " kept"]
    others: pd.DataFrame
    left_out: Mapping[int, str]


def applied(ecgs: Marked, dose: str | Dose, by: float) -> Changed:
    """ECGs with this dose of size `by` in its unit; independent of the other ECGs in the batch.

    Raises ValueError for an unknown dose or a size of zero.
    """
    dose = dose if isinstance(dose, Dose) else doses(dose)[dose]
    if not by:
        raise ValueError(f"expected a size of {dose.name} other than zero, got {by}")
    kept, left_out = [], {}
    for row in range(len(ecgs)):
        try:
            kept.append((row, *_one(ecgs, row, dose, by)))
        except Unchangeable as problem:
            left_out[row] = str(problem)
    rows, signals, measured, others = zip(*kept, strict=True) if kept else ((),) * 4
    return Changed(
        np.stack(signals) if kept else ecgs.x[:0],
        np.array(rows, int),
        np.array(measured, float),
        pd.DataFrame(list(others), index=np.array(rows, int)),
        left_out,
    )


def change(
    x: Float[np.ndarray, "ecg 12 time"],
    name: str,
    by: float,
    marks: Sequence[Segments] | None = None,
) -> tuple[Float32[np.ndarray, "ecg 12 time"], Mapping[int, str]]:
    """ECGs (µV, 500 Hz) with this dose, and the reason by row of each that was left as it was.

    `x` are median beats of 600 samples or strips. Without `marks` (samples of the beat) the waves
    are found by measuring. Raises ValueError for an unknown dose or ECGs of another kind.
    """
    found = applied(marked(x, marks=marks), name, by)
    whole = np.array(x, np.float32)
    whole[found.index] = found.x
    return whole, found.left_out


def _one(
    ecgs: Marked, row: int, dose: Dose, by: float
) -> tuple[Float32[np.ndarray, "12 time"], float, Mapping[str, float]]:
    """One ECG with the dose, its measured size and the change of each label."""
    x = ecgs.x[row]
    if ecgs.parameters is not None:
        before = ecgs.parameters[row]
        after = exact.with_dose(before, dose, by)
        return exact.redrawn(x, before, after), by, moved(before.labels, after.labels)
    if dose.recordings:
        raise Unchangeable(dose.recordings)
    _has_waves(ecgs, row, dose)
    parts = timing.parts(ecgs.marks[row], dose.name, by)
    tau = time_map(parts, ecgs.peaks[row], R_INDEX).backward(x.shape[1])
    eight = warped(x[list(INDEPENDENT_INDEX)].astype(float), tau, float(ecgs.rr[row]) / MS)
    y = from_eight(eight).astype(np.float32)
    difference = moved(ecgs.labels[row], _read(y, ecgs, row))
    check(dose, by, difference)
    size = difference[dose.label] if dose.label else by
    return y, size, difference


def _has_waves(ecgs: Marked, row: int, dose: Dose) -> None:
    reasons, edges = ecgs.reasons[row], ecgs.marks[row].edges()
    if "" in reasons:
        raise Unchangeable(reasons[""])
    for wave in dose.waves:
        if np.isnan(edges[wave]).any():
            raise Unchangeable(reasons.get(LABEL_OF[wave], ABSENT[wave]))


def _read(y: Float32[np.ndarray, "12 time"], ecgs: Marked, row: int) -> dict[str, float]:
    beat = median_of_strip(y, ecgs.peaks[row]) if ecgs.strips else y
    return {} if beat is None else read_beat(beat, float(ecgs.rr[row]))[0]
