"""Curves along the routes over ECGs, kept in their turn."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ....engine import Copies
from ....store import Step
from ...chunks import Keeper
from ...heatmaps.order import step_of_points
from ...heatmaps.question import Question
from ...protocol import Protocol
from .changes import changed_by, changes
from .curves import predictions
from .routes import Route

CURVES = Step("curves", version=2)


def walk(
    question: Question, protocol: Protocol, route: Route, keeper: Keeper
) -> Float[np.ndarray, "draw ecg point"]:
    """The predictions along the curve of every ECG and noise draw; made where they are missing.

    Of the ECGs in the keeper's chunks, those that the route has.
    """
    settings = {**route.settings, "steps": protocol.steps, **changed_by(question, protocol)}
    units, changed = question.units(protocol), changes(question, protocol)

    def make(number: int) -> Mapping[str, np.ndarray]:
        first = question.chunks[number].start
        each = [
            walked(question, protocol.steps, ecg, torch.from_numpy(own), units[ecg], changed(ecg))
            for ecg, own in enumerate(route.read(number), first)
        ]
        return {"curves": torch.stack(each, dim=1).numpy()}

    kept = keeper.chunks(CURVES, settings, make)
    parts = [kept.read(number, "curves") for number in range(keeper.count)]
    return np.concatenate(parts, axis=1)


def walked(
    question: Question,
    steps: int,
    ecg: int,
    route: Int64[Tensor, " step"],
    units: Int64[Tensor, " time"],
    changed: Float[Tensor, "draw lead time"],
) -> Float[Tensor, "draw point"]:
    """The curves of one ECG; a step hits all samples of a unit in one lead."""
    x = question.ecgs.x[ecg]
    hit = step_of_points(route[None, :steps], (len(x), int(units.max()) + 1))[0][:, units]
    return predictions(question.walker, Copies(x, hit, changed, steps), question.target)
