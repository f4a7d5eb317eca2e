"""Places that steps hit, the same in every ECG: a lead and a window of the beat."""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Int8, Int64
from torch import Tensor

from ...heatmaps.folding import from_r_peak
from ...heatmaps.probe import Probe
from ...protocol import Protocol
from .orders import PerturbationOrder
from .units import units_of, width_of

PLACE_MS = 30  # as the segments: exact points of some tens of ECGs hardly ever meet


def places(
    probe: Probe, protocol: Protocol
) -> Callable[[PerturbationOrder], Int64[np.ndarray, "ecg step"]]:
    """Function of a perturbation order that gives the place hit by each step, for every ECG.

    A place is a lead and PLACE_MS of the beat (or a segment, where these are hit), counted from
    the R peak and numbered alike in all of these ECGs.
    """
    width = width_of(probe, protocol)
    width = width if width > 1 else max(1, round(PLACE_MS * probe.fs / 1e3))
    parts = [_parts(one, width) for one in probe.ecgs.segments]
    first = min(int(one.min()) for one in parts)
    span = max(int(one.max()) for one in parts) - first + 1
    of_unit = []
    for part, units in zip(parts, units_of(probe, protocol), strict=True):
        found = torch.zeros(int(units.max()) + 1, dtype=torch.int64)
        # The samples of a unit are of one part, but where a strip that is not folded is cut.
        found.scatter_reduce_(0, units, part - first, "amin", include_self=False)
        of_unit.append(found.numpy())

    def hit(order: PerturbationOrder) -> Int64[np.ndarray, "ecg step"]:
        found = []
        for number, chunk in enumerate(probe.chunks):
            for steps, own in zip(order.read(number), of_unit[chunk], strict=True):
                lead, unit = np.divmod(steps[: protocol.steps], len(own))
                found.append(lead * span + own[unit])
        return np.stack(found)

    return hit


def _parts(segments: Int8[Tensor, " time"], width: int) -> Int64[Tensor, " time"]:
    """The part of the beat that each sample is in; 0 has the R peak in its middle."""
    return (from_r_peak(segments) + width // 2).div(width, rounding_mode="floor")
