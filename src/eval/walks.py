"""Curves along the kept order of points, kept in their turn."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ..engine import Copies, noise_field
from ..store import Step
from .attributions import ATTRIBUTIONS
from .chunks import Chunks, Keeper
from .curves import noise_deviation, predictions
from .points import step_of_points
from .protocol import Protocol
from .question import Question

CURVES = Step("curves", version=2)


def walk(
    question: Question, protocol: Protocol, attributed: Chunks, keeper: Keeper
) -> Float[np.ndarray, "draw ecg point"]:
    """The predictions along the curve of every ECG and noise draw; made where they are missing."""
    folded = protocol.folded and question.strips
    alone = torch.arange(question.ecgs.x.shape[2])
    settings = {
        "attributions": {"settings": attributed.settings, "version": ATTRIBUTIONS.version},
        "steps": protocol.steps,
        "draws": protocol.draws,
        "noise": protocol.noise,
        "noise_scope": protocol.noise_scope,
        "folded": folded,
    }

    def make(number: int) -> Mapping[str, np.ndarray]:
        order = torch.from_numpy(attributed.read(number, "folded" if folded else "plain"))
        ecgs = range(len(question.groups))[question.chunks[number]]
        each = [
            _walk(question, protocol, ecg, points, question.groups[ecg] if folded else alone)
            for ecg, points in zip(ecgs, order, strict=True)
        ]
        return {"curves": torch.stack(each, dim=1).numpy()}

    walked = keeper.chunks(CURVES, settings, make)
    parts = [walked.read(number, "curves") for number in range(len(question.chunks))]
    return np.concatenate(parts, axis=1)


def _walk(
    question: Question,
    protocol: Protocol,
    ecg: int,
    order: Int64[Tensor, " step"],
    groups: Int64[Tensor, " time"],
) -> Float[Tensor, "draw point"]:
    """The curves of one ECG; a step hits all samples of a group in one lead."""
    x, record = question.ecgs.x[ecg], question.ecgs.record[ecg]
    leads, time = x.shape
    points = order[None, : protocol.steps]
    hit = step_of_points(points, (leads, int(groups.max()) + 1))[0][:, groups]
    deviation = noise_deviation(x[None], protocol.noise, protocol.noise_scope).cpu()
    fields = [
        deviation * noise_field(question.seed, [record], draw, (leads, time))
        for draw in range(protocol.draws)
    ]
    copies = Copies(x, hit, torch.cat(fields), protocol.steps)
    return predictions(question.walker, copies, question.target)
