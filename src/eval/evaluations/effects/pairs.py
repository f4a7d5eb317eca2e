"""Pairs of exact ECGs that differ in one label alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float64, Int8
from torch import Tensor

from ....datamodules import Batch
from ....ecg import KINDS, ExactParameters, draw_exact, exact_beat, segment_mask, with_change
from ....engine import generator
from ...evaluation import NotApplicable

# ms: twice what a trained network errs by. µV in V5: 1 mm on paper.
CHANGES: Mapping[str, float] = {
    "pr": 10.0,
    "qrs": 10.0,
    "qt": 10.0,
    "r": 100.0,
    "j": 100.0,
    "t": 100.0,
}
MORPHOLOGIES = ("plain", "varied")


@dataclass(frozen=True, eq=False)
class Pairs:
    """Each ECG with one label changed, and by how much in ms or µV; NaN where there is no pair.

    An ECG without a pair stands for itself.
    """

    label: str
    x: Tensor  # (ecg, lead, time)
    segments: Int8[Tensor, "ecg time"]
    by: Float64[np.ndarray, " ecg"]


def pairs(ecgs: Batch, seed: int) -> list[Pairs]:
    """The pairs of every label; longer or shorter is a coin's choice, or the way there is room.

    Raises NotApplicable unless the ECGs are exact median beats as drawn.
    """
    drawn = [
        exact_parameters(name, x.cpu().numpy()) for name, x in zip(ecgs.record, ecgs.x, strict=True)
    ]
    return [_pairs(label, ecgs, drawn, seed) for label in CHANGES]


def exact_parameters(record: str, x: np.ndarray) -> ExactParameters:
    """Parameters of the exact ECG of this name; NotApplicable unless it is this beat."""
    named = re.fullmatch(r"exact-(\d+)-(\d+)", record)
    if named and x.shape[1] == len(exact_beat(draw_exact(0, 0)).signal[0]):
        for parameters in _candidates(int(named[1]), int(named[2])):
            if np.array_equal(exact_beat(parameters).signal, x):
                return parameters
    raise NotApplicable(
        "expected for counterfactual pairs exact ECGs as drawn (data=exact input=median, without "
        "shortcut or missing lead), got other ECGs; leave evaluation=counterfactuals out"
    )


def _candidates(seed: int, index: int) -> Iterator[ExactParameters]:
    for morphology in MORPHOLOGIES:
        for kind in KINDS:
            yield draw_exact(seed, index, kind, morphology)


def _pairs(label: str, ecgs: Batch, drawn: Sequence[ExactParameters], seed: int) -> Pairs:
    x, segments = ecgs.x.clone(), ecgs.segments.clone()
    by = np.full(len(drawn), np.nan)
    for ecg, parameters in enumerate(drawn):
        coin = torch.rand((), generator=generator(seed, "pair", label, ecgs.record[ecg]))
        sign = 1.0 if coin < 0.5 else -1.0
        for size in (sign * CHANGES[label], -sign * CHANGES[label]):
            try:
                changed = with_change(parameters, label, size)
            except ValueError:  # no room this way, or no PR at all
                continue
            x[ecg] = torch.from_numpy(exact_beat(changed).signal)
            mask = segment_mask(changed.marks, x.shape[2])
            segments[ecg], by[ecg] = torch.from_numpy(mask), size
            break
    return Pairs(label, x, segments, by)
