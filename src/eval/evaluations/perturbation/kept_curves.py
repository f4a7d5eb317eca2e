"""Perturbation curves of all ECGs, kept in the store."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ....engine import Copies
from ....store import Step
from ...chunks import Chunks, Keeper
from ...heatmaps.order import step_of_samples
from ...heatmaps.probe import Probe
from ...protocol import Protocol
from .changes import changed_by, changes
from .curves import predictions
from .orders import PerturbationOrder
from .units import units_of

CURVES = Step("curves", version=2)


def kept_curves(
    probe: Probe, protocol: Protocol, order: PerturbationOrder, keeper: Keeper
) -> Float[np.ndarray, "draw ecg point"]:
    """Predictions at each step, for the ECGs in the keeper's chunks that have an order.

    What the store lacks is computed.
    """
    return curve_chunks(probe, protocol, order, keeper).all("curves", axis=1)


def curve_chunks(
    probe: Probe, protocol: Protocol, order: PerturbationOrder, keeper: Keeper
) -> Chunks:
    """The chunks of `kept_curves`."""

    def of_block(block: int) -> Mapping[str, Any]:
        own, changed = order.settings[block], changed_by(probe, protocol, probe.blocks[block])
        return {**own, "steps": protocol.steps, **changed}

    units, changed = units_of(probe, protocol), changes(probe, protocol)

    def make(number: int) -> Mapping[str, np.ndarray]:
        first = probe.chunks[number].start
        each = [
            ecg_curves(probe, protocol.steps, ecg, torch.from_numpy(own), units[ecg], changed(ecg))
            for ecg, own in enumerate(order.read(number), first)
        ]
        return {"curves": torch.stack(each, dim=1).numpy()}

    return keeper.chunks(CURVES, probe.of_blocks(of_block), make)


def ecg_curves(
    probe: Probe,
    steps: int,
    ecg: int,
    order: Int64[Tensor, " step"],
    units: Int64[Tensor, " time"],
    changed: Float[Tensor, "draw lead time"],
) -> Float[Tensor, "draw point"]:
    """Curves of one ECG; a step hits all samples of a unit in one lead."""
    x = probe.ecgs.x[ecg]
    hit = step_of_samples(order[:steps], units, len(x))
    return predictions(probe.walker, Copies(x, hit, changed, steps), probe.output)
