"""ECGs with a dose: changed, measured again, and those left out with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from ecglens.ecg import (
    R_INDEX,
    Segments,
    fault_of_unit,
    from_eight,
    missing_leads,
    read_beat,
    without_leads,
)
from ecglens.engine import sample_ids
from jaxtyping import Float, Float32, Int

from ..catalogue import Dose, doses
from . import exact, heights, signals, timing
from .checks import LABELS, check, check_turns, moved, with_p
from .dose import Edit, Unchangeable
from .marking import Marked, marked, median_of_strip

ABSENT = {"P": "no P wave", "QRS": "no clear edges of QRS", "T": "no T wave"}
LABEL_OF = {"P": "pr", "QRS": "qrs", "T": "qt"}
# What makes each dose on recordings.
EDITED = {
    **dict.fromkeys(timing.PARTS, timing.edited),
    **dict.fromkeys(timing.RHYTHM, timing.rhythm_edited),
    **dict.fromkeys(heights.ADDED, heights.edited),
    **dict.fromkeys(signals.CHANGES, signals.edited),
}


@dataclass(frozen=True, eq=False)
class Changed:
    """ECGs after one dose of one size: signals, their rows in the original, and what moved.

    `measured` is the size in the dose's unit: true by construction for exact ECGs (R and T as read
    in V5 may miss it by `checks.MISS` or `MISS_SHARE`), disturbances and faults, measured again
    where a recording's label is changed. `others` has for each kept ECG the change of every label
    (ms, µV, 1/min; the duration of P too), NaN where it cannot be read. `left_out` is the reason by
    row.
    """

    x: Float32[np.ndarray, "kept 12 time"]
    index: Int[np.ndarray, " kept"]
    measured: Float[np.ndarray, " kept"]
    others: pd.DataFrame
    left_out: Mapping[int, str]


def applied(ecgs: Marked, dose: str | Dose, by: float) -> Changed:
    """ECGs with this dose of size `by` in its unit; independent of the other ECGs in the batch.

    Raises ValueError for an unknown dose, and for a size that is zero or no finite number.
    """
    dose = dose if isinstance(dose, Dose) else doses(dose)[dose]
    dose.check_size(by)
    kept: dict[int, tuple[np.ndarray, float, Mapping[str, float]]] = {}
    left_out: dict[int, str] = {}
    # Each ECG has a map of time of its own.
    for row in range(len(ecgs)):
        try:
            kept[row] = _changed(ecgs, row, dose, by)
        except Unchangeable as problem:
            left_out[row] = str(problem)
    rows = np.array([*kept], int)
    x, sizes, labels = zip(*kept.values(), strict=True) if kept else ((),) * 3
    others = {name: [each.get(name, np.nan) for each in labels] for name in LABELS}
    return Changed(
        np.stack(x) if kept else ecgs.x[:0],
        rows,
        np.array(sizes),
        pd.DataFrame(others, index=rows, dtype=float),
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
    whole = np.asarray(x).astype(np.float32)
    largest = np.abs(whole).max(initial=0.0)
    if largest > 0 and (fault := fault_of_unit(largest)):
        raise ValueError(fault)
    ids = sample_ids(torch.from_numpy(whole))  # an ECG has the same noise wherever it stands
    found = applied(marked(whole, marks=marks, ids=ids), name, by)
    whole[found.index] = found.x
    return whole, found.left_out


@dataclass(frozen=True, eq=False)
class InTurn:
    """ECGs after several doses, marked again, their rows in the original, and measured sizes."""

    ecgs: Marked
    index: Int[np.ndarray, " kept"]
    measured: Float[np.ndarray, "kept dose"]
    left_out: Mapping[int, str]

    @property
    def x(self) -> Float32[np.ndarray, "kept 12 time"]:
        """Signals in µV."""
        return self.ecgs.x


def in_turn(ecgs: Marked, sizes: Mapping[str, float]) -> InTurn:
    """ECGs with several doses by name, one after the other; each is checked like a single one.

    Before the next dose an ECG is marked again: exact ECGs by their changed parameters, others by
    measuring; what the strip of a median beat showed stays known. The reason of an ECG that is left
    out begins with the dose that failed.
    """
    now, rows, left_out = ecgs, np.arange(len(ecgs)), {}
    measured = np.empty((len(ecgs), 0))
    for name, by in sizes.items():
        found = applied(now, name, by)
        left_out |= {int(rows[row]): f"{name}: {why}" for row, why in found.left_out.items()}
        kept = found.index
        rows, measured = rows[kept], np.column_stack([measured[kept], found.measured])
        now, dose = now[kept.tolist()], doses(name)[name]
        if now.parameters is None or name not in exact.KNOWN:
            now = marked(found.x, rr_ms=now.rr.tolist(), ids=now.ids).after(now)
        else:
            changed = [exact.with_dose(each, dose, by) for each in now.parameters]
            now = marked(found.x, parameters=changed, ids=now.ids)
    return InTurn(now, rows, measured, left_out)


def _changed(
    ecgs: Marked, row: int, dose: Dose, by: float
) -> tuple[Float32[np.ndarray, "12 time"], float, Mapping[str, float]]:
    """One changed ECG, the measured size of the dose, and the change of each label."""
    unchecked = dose.name in signals.CHANGES  # true by construction
    reasons = ecgs.reasons[row]
    if not unchecked and "" in reasons:
        raise Unchangeable(reasons[""])
    edges = ecgs.marks[row].edges()
    for wave in dose.waves:
        if np.isnan(edges[wave]).any():
            raise Unchangeable(reasons.get(LABEL_OF[wave], ABSENT[wave]))
    first, last = edges["QRS"]
    if "QRS" in dose.waves and not first < R_INDEX < last:
        raise Unchangeable("no R peak within QRS")  # as in noise
    if ecgs.parameters is not None and dose.name in exact.KNOWN:
        before = ecgs.parameters[row]
        after = exact.with_dose(before, dose, by)
        labels = (with_p(each.labels, each.marks) for each in (before, after))
        return exact.redrawn(ecgs.x[row], before, after), by, moved(*labels)
    if abs(by) > dose.on_recordings:
        beyond = f" beyond ±{dose.on_recordings:g} {dose.unit}" if dose.on_recordings else ""
        raise Unchangeable(f"only exact ECGs can be changed so{beyond}")
    y, edit, change = edited(ecgs, row, dose, by)
    if not unchecked:
        check(dose, by, change)
        check_turns(ecgs.one(row).eight, edit)
    if edit.size is not None:
        return y, edit.size, change
    return y, change[dose.label] if dose.label else by, change


def edited(
    ecgs: Marked, row: int, dose: Dose, by: float
) -> tuple[Float32[np.ndarray, "12 time"], Edit, dict[str, float]]:
    """One ECG with this dose as a recording takes it, not checked, and the change of each label."""
    ecg = ecgs.one(row)
    edit = EDITED[dose.name](ecg, dose, by)
    y = from_eight(edit.eight).astype(np.float32)
    y = without_leads(y, missing_leads(y))
    peaks = ecg.peaks if edit.peaks is None else edit.peaks
    # The numbers of exact ECGs are not those that are read off them.
    before = ecg.labels if ecgs.parameters is None else _read(ecgs.x[row], ecgs, row, ecg.peaks)
    change = moved(before, _read(y, ecgs, row, peaks))
    return y, edit, change | {name: np.nan for name in ecgs.reasons[row] if name in change}


def _read(
    y: Float32[np.ndarray, "12 time"], ecgs: Marked, row: int, peaks: Int[np.ndarray, " peak"]
) -> dict[str, float]:
    """Labels of an ECG that was changed; none without a beat that lies wholly in the strip."""
    beat = median_of_strip(y, peaks) if ecgs.strips else y
    if beat is None or not beat.any():
        return {}
    rate, rr = ecgs.labels[row].get("rate", np.nan), float(ecgs.rr[row])
    if ecgs.strips and len(peaks) > 1:
        rr = float(np.diff(peaks).mean()) * 2.0
        rate = 6e4 / rr
    numbers, marks = read_beat(beat, rr)
    return with_p({**numbers, "rate": rate}, marks)
