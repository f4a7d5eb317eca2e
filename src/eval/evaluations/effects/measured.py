"""Change of the output when a wave is swapped, made once and kept."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Float64
from torch import nn

from ....ecg import BIT
from ....engine import unperturbed
from ....store import Step, fingerprint
from ...ahead import Piece
from ...chunks import Chunks, Keeper
from ...heatmaps.predictions import predictions
from ...heatmaps.probe import Probe, probe_of
from ...progress import progress_bar
from ...subject import Subject
from .swap import swapped, to_donor
from .wave_weights import weights

EFFECTS = Step("wave_effects", version=1)

Effect = Float64[np.ndarray, "ecg donor lead_and_all wave"]


def measured(net: nn.Module, subject: Subject, count: int) -> Effect:
    """Δf = f(swapped) − f(x) with `count` donors, of each lead alone and then of all together.

    In the target's unit; NaN for a wave that an ECG does not have. Raises ValueError when all ECGs
    are of one patient.
    """
    probe = probe_of(net, subject)
    number = len(probe.chunks)
    with progress_bar(number, "waves swapped", subject.progress) as done:
        keeper = Keeper(subject.store, number, done.update)
        return effect_chunks(probe, count, keeper).all("effect")


def effect_piece(probe: Probe, count: int) -> Piece:
    """The work of `measured`."""
    return Piece(len(probe.chunks), lambda: partial(effect_chunks, probe, count))


def effect_chunks(probe: Probe, count: int, keeper: Keeper) -> Chunks:
    """The chunks of `measured`; errors as there."""
    others = [probe.donors(draw) for draw in range(count)]
    marks = probe.ecgs.segments

    def of_block(block: int) -> Mapping[str, Any]:
        ecgs = probe.blocks[block]
        return {
            **probe.settings[block],
            "segments": fingerprint({"segments": marks[ecgs].tolist()}),
            "donors": [probe.of_others(each[ecgs]) for each in others],
        }

    def make(chunk: int) -> Mapping[str, np.ndarray]:
        ecgs = range(len(probe.ecgs.record))[probe.chunks[chunk]]
        each = [[_effect(probe, ecg, other[ecg]) for other in others] for ecg in ecgs]
        return {"effect": np.array(each)}

    return keeper.chunks(EFFECTS, probe.of_blocks(of_block), make)


def _effect(probe: Probe, ecg: int, donor: int) -> Float64[np.ndarray, "lead_and_all wave"]:
    x, segments = probe.ecgs.x.cpu(), probe.ecgs.segments.cpu()
    waves = weights(segments[ecg].numpy())
    change = to_donor(x[ecg], segments[ecg], x[donor], segments[donor])
    copies = swapped(x[ecg], torch.from_numpy(waves), change)
    with unperturbed(probe.net, x[ecg].to(probe.device)):
        found = predictions(probe.net, copies, probe.output)
    effect = (found[1:] - found[0]).reshape(len(BIT), -1)
    return np.where(np.any(waves, axis=1, keepdims=True), effect, np.nan).T
