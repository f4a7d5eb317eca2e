"""Change of a single label of an exact ECG."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isnan

import numpy as np
from jaxtyping import Int

from .kinds import KINDS, PARTS
from .parameters import MS, ExactParameters

INTERVALS, AMPLITUDES = ("pr", "qrs", "qt"), {"r": "R", "j": "ST", "t": "T"}
Waves = Int[np.ndarray, "wave 3"]


def with_change(parameters: ExactParameters, label: str, by: float) -> ExactParameters:
    """The same ECG with this label increased by `by` (ms, or µV in lead V5) and no other changed.

    PR: the whole P wave moves. QRS: the last waves of the complex end later, and so does J; T
    stays. QT: T ends later. An amplitude: the wave grows in every lead in proportion. Raises
    ValueError for another label, a PR without a conducted P wave, a fraction of a sample (2 ms), or
    too little room.
    """
    if label in AMPLITUDES:
        row = PARTS.index(AMPLITUDES[label])
        field = parameters.field.copy()
        field[row] += by * KINDS[parameters.kind].leads[row]
        return replace(parameters, field=field)
    if label not in INTERVALS:
        known = ", ".join((*INTERVALS, *AMPLITUDES))
        raise ValueError(f"expected a label of {known} to change, got {label!r}")
    samples = by / MS
    if samples != round(samples):
        raise ValueError(f"expected a change of whole samples of {MS:g} ms, got {by:g} ms")
    if label == "pr" and not parameters.conducted:
        raise ValueError(f"expected a P wave that leads QRS, got {parameters.kind}: it has no PR")
    waves = _MOVES[label](parameters, round(samples))
    changed = replace(parameters, waves=waves)
    if (np.diff(waves) <= 0).any() or not _alone(parameters, changed, label, by):
        raise ValueError(f"expected room for a {label.upper()} changed by {by:g} ms, got none")
    return changed


def _pr(parameters: ExactParameters, samples: int) -> Waves:
    waves = parameters.waves.copy()
    waves[_rows(parameters, "P")] -= samples
    return waves


def _qrs(parameters: ExactParameters, samples: int) -> Waves:
    waves, rows = parameters.waves.copy(), _rows(parameters, "QRS")
    ends = waves[rows, 2].max()
    waves[[row for row in rows if waves[row, 2] == ends], 2] += samples
    waves[_rows(parameters, ("ST",)), 1] += samples  # ST has its height, J, at the end of QRS
    return waves


def _qt(parameters: ExactParameters, samples: int) -> Waves:
    waves, rows = parameters.waves.copy(), _rows(parameters, ("T",))
    ends = waves[rows, 2].max()
    waves[[row for row in rows if waves[row, 2] == ends], 2] += samples
    return waves


_MOVES: Mapping[str, Callable[[ExactParameters, int], Waves]] = {"pr": _pr, "qrs": _qrs, "qt": _qt}


def _rows(parameters: ExactParameters, parts: str | tuple[str, ...]) -> list[int]:
    return [row for row, part in enumerate(parameters.parts) if part in parts]


def _alone(before: ExactParameters, after: ExactParameters, label: str, by: float) -> bool:
    """Whether only this label has changed, by `by`, and P still ends before QRS."""
    was, now = before.labels, after.labels
    moved = [name for name in was if now[name] != was[name] and not isnan(was[name])]
    apart = isnan(after.marks.p_off) or after.marks.p_off <= after.marks.qrs_on
    return moved == [label] and now[label] - was[label] == by and apart
