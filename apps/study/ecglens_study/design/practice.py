"""Practice on exact synthetic ECGs: their marks are true, so that the right map is known."""

from collections.abc import Sequence
from math import nan

import numpy as np
from ecglens.datamodules import Target
from ecglens.ecg import (
    BEAT_LENGTH,
    FS_HZ,
    Record,
    draw_exact,
    exact_beat,
    exact_record,
    segment_mask,
)
from ecglens.eval import NotApplicable

from .catch import RANDOM, with_region
from .settings import Settings
from .streams import stream
from .study_input import StudyInput

SEED, NOISE_UV = 8, 5.0  # of the generator; another one than that of any data set
TRIED = 4  # ECGs drawn for each that is wanted: some have no P wave
LONGEST = 5000  # samples of an exact strip


def sources(
    study_inputs: Sequence[StudyInput], settings: Settings
) -> dict[tuple[str, str], StudyInput]:
    """Study input of the items of each target and phase."""
    found = {}
    for each in study_inputs:
        found[each.target.name, "vote"] = each
        found[each.target.name, "practice"] = exact_input(each, settings.practice) or each
    return found


def exact_input(study_input: StudyInput, number: int) -> StudyInput | None:
    """`number` exact ECGs of the length of the study's, which the network never reads.

    In place of its output they have the true value, NaN if an exact ECG does not tell it. None if
    the target names no region, or the length or sampling rate cannot be made.
    """
    length = study_input.x.shape[-1]
    if not number or study_input.fs != FS_HZ or length > LONGEST:
        return None
    records = [_record(index, length) for index in range(TRIED * number)]
    x = np.stack([record.signal[:, :length] for record in records])
    true = np.array([_true(record, study_input.target) for record in records])
    draw = stream("practice maps", study_input.target.name)
    made = StudyInput(
        target=study_input.target,
        ecgs=tuple(f"{study_input.target.name} exact {index}" for index in range(len(x))),
        x=x,
        segments=np.stack([_segments(record, length) for record in records]),
        y=true,
        prediction=true,
        heatmaps={RANDOM: draw.standard_normal(x.shape, np.float32)},
        controls={"abs_x": np.abs(x), "abs_dx": np.abs(np.gradient(x, axis=-1))},
        fs=study_input.fs,
        origin=study_input.origin,
    )
    try:
        fit = int(with_region(made).sum()) >= number
    except NotApplicable:
        return None
    return made if fit else None


def _record(index: int, length: int) -> Record:
    parameters = draw_exact(SEED, index)
    return (exact_beat if length == BEAT_LENGTH else exact_record)(parameters, noise_uv=NOISE_UV)


def _true(record: Record, target: Target) -> float:
    """True value in the target's unit; NaN for a class, whose network returns a logit."""
    return record.labels.get(target.column, nan) if target.kind == "regression" else nan


def _segments(record: Record, length: int) -> np.ndarray:
    if record.marks is None or record.r_peaks is None:
        raise ValueError("expected exact ECGs with marks, got one without")
    peaks = None if length == BEAT_LENGTH else record.r_peaks.tolist()
    return segment_mask(record.marks, length, peaks)
