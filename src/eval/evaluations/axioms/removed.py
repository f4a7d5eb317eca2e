"""Change of the output when 100 ms of a lead are removed, made once and kept."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float64
from torch import nn

from ....engine import unperturbed
from ....store import Step
from ...chunks import Keeper
from ...heatmaps.predictions import predictions
from ...heatmaps.probe import probe_of
from ...progress import progress_bar
from ...subject import Subject
from .infidelity import windows

REMOVED = Step("removed_windows", version=1)


def removed(net: nn.Module, subject: Subject) -> Float64[np.ndarray, "ecg window"]:
    """f(x) − f(x − I) for every window of every lead set to 0 µV, in the target's unit."""
    probe = probe_of(net, subject)
    number = len(probe.chunks)
    away = windows(*subject.ecgs.x.shape[1:])
    with progress_bar(number, "windows removed", subject.progress) as done:

        def make(chunk: int) -> Mapping[str, np.ndarray]:
            each = []
            for x in probe.ecgs.x[probe.chunks[chunk]].cpu():
                copies = torch.cat([x[None], x.masked_fill(away, 0.0)])
                with unperturbed(probe.net, x.to(probe.device)):
                    found = predictions(probe.net, copies, probe.output)
                each.append(found[0] - found[1:])
            return {"change": np.stack(each)}

        kept = Keeper(subject.store, number, done.update).chunks(REMOVED, probe.settings, make)
        return np.concatenate([kept.read(chunk, "change") for chunk in range(number)])
