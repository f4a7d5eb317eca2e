"""How far the output moves when 100 ms of a lead are removed, made once and kept."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float64
from torch import nn

from ....store import Step
from ...asked import predictions
from ...chunks import Keeper
from ...heatmaps.explained import question_of
from ...progress import bar
from ..sanity import Setup
from .infidelity import windows

REMOVED = Step("removed_windows", version=1)


def removed(net: nn.Module, setup: Setup) -> Float64[np.ndarray, "ecg window"]:
    """f(x) − f(x − I) for every window of every lead set to 0 µV, in the target's unit."""
    question = question_of(net, setup)
    number = len(question.chunks)
    away = windows(*setup.ecgs.x.shape[1:])
    with bar(number, "parts removed", setup.progress) as done:

        def make(chunk: int) -> Mapping[str, np.ndarray]:
            each = []
            for x in question.ecgs.x[question.chunks[chunk]].cpu():
                copies = torch.cat([x[None], x.masked_fill(away, 0.0)])
                found = predictions(question.net, copies, question.target)
                each.append(found[0] - found[1:])
            return {"change": np.stack(each)}

        kept = Keeper(setup.store, number, done.update).chunks(REMOVED, question.settings, make)
        return np.concatenate([kept.read(chunk, "change") for chunk in range(number)])
