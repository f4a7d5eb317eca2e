"""Change of the output when 100 ms of a lead are removed, made once and kept."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import torch
from jaxtyping import Float64
from torch import nn

from ....engine import unperturbed
from ....store import Step
from ...ahead import Piece
from ...chunks import Chunks, Keeper
from ...heatmaps.predictions import predictions
from ...heatmaps.probe import Probe, probe_of
from ...progress import progress_bar
from ...subject import Subject
from .infidelity import windows

REMOVED = Step("removed_windows", version=1)


def removed(net: nn.Module, subject: Subject) -> Float64[np.ndarray, "ecg window"]:
    """f(x) − f(x − I) for every window of every lead set to 0 µV, in the target's unit."""
    probe = probe_of(net, subject)
    number = len(probe.chunks)
    with progress_bar(number, "windows removed", subject.progress) as done:
        return removed_chunks(probe, Keeper(subject.store, number, done.update)).all("change")


def removed_piece(probe: Probe) -> Piece:
    """The work of `removed`."""
    return Piece(len(probe.chunks), lambda: partial(removed_chunks, probe))


def removed_chunks(probe: Probe, keeper: Keeper) -> Chunks:
    """The chunks of `removed`."""
    away = windows(*probe.ecgs.x.shape[1:])

    def make(chunk: int) -> Mapping[str, np.ndarray]:
        each = []
        for x in probe.ecgs.x[probe.chunks[chunk]].cpu():
            copies = torch.cat([x[None], x.masked_fill(away, 0.0)])
            with unperturbed(probe.net, x.to(probe.device)):
                found = predictions(probe.net, copies, probe.output)
            each.append(found[0] - found[1:])
        return {"change": np.stack(each)}

    return keeper.chunks(REMOVED, probe.settings, make)
