"""Study input of exact ECGs with noise as maps."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from ecglens.datamodules import Target
from ecglens.ecg import draw_exact, exact_beat, segment_mask
from ecglens_study.settings import StudyInput

PR = Target("pr", "ms", "pr", ("P_on", "QRS_on"), ("P", "PQ"))
R = Target("r", "µV", "r", ("QRS_on",), ("QRS",), "V5")
QT = Target("qt", "ms", "qt", ("QRS_on", "T_off"), ("QRS", "ST", "T"))
AF = Target("af", "", "dx_af", kind="binary")
NINE = tuple("abcdefghi")


def exact(target: Target = PR, ecgs: int = 12, methods: Sequence[str] = NINE) -> StudyInput:
    """Exact beats with noise maps, true labels, and predictions with noise."""
    draw = np.random.default_rng(0)
    records = [exact_beat(draw_exact(3, index)) for index in range(ecgs)]
    x = np.stack([record.signal for record in records])
    marks = [record.marks for record in records]
    y = np.array([record.labels[target.column] for record in records])
    return StudyInput(
        target=target,
        ecgs=tuple(f"E{index:03d}" for index in draw.permutation(ecgs)),
        x=x,
        segments=np.stack([segment_mask(each, x.shape[-1]) for each in marks if each]),
        y=y,
        prediction=y + draw.normal(0, 5, ecgs),
        heatmaps={name: draw.standard_normal(x.shape, np.float32) for name in methods},
        controls={
            "random": draw.standard_normal(x.shape, np.float32),
            "abs_x": np.abs(x),
            "abs_dx": np.abs(np.gradient(x, axis=-1)),
        },
        fs=500.0,
        origin=250,
    )


def plain(y: np.ndarray, prediction: np.ndarray, target: Target = PR) -> StudyInput:
    """Study input with given labels and predictions and empty signals."""
    number = len(y)
    x = np.ones((number, 12, 2), np.float32)
    return StudyInput(
        target,
        tuple(f"E{index:04d}" for index in np.random.default_rng(1).permutation(number)),
        x,
        np.zeros((number, 2), np.int8),
        y,
        prediction,
        {"a": x, "b": x},
        {},
        500.0,
        0,
    )


def in_other_order(study_input: StudyInput, seed: int) -> StudyInput:
    """Same ECGs in another order."""
    order = np.random.default_rng(seed).permutation(len(study_input.ecgs))
    return replace(
        study_input,
        ecgs=tuple(study_input.ecgs[place] for place in order),
        x=study_input.x[order],
        segments=study_input.segments[order],
        y=study_input.y[order],
        prediction=study_input.prediction[order],
        heatmaps={name: each[order] for name, each in study_input.heatmaps.items()},
        controls={name: each[order] for name, each in study_input.controls.items()},
    )
