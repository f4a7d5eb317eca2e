"""ECGs that figures show, and the steps of their perturbation curves as the curves were made."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float, Int64

from ...heatmaps.probe import Probe
from ...protocol import Protocol
from ...shown_steps import ShownSteps
from .changes import changes
from .units import units_of


def shown_ecgs(
    read: Float[np.ndarray, " ecg"], y: Float[np.ndarray, " ecg"], count: int
) -> list[int]:
    """Positions of `count` ECGs: the first, those read worst and best, then the others in order.

    The error is |read − y|, with `read` and `y` in the target's unit, or a probability and 0 or 1.
    Where no label is known (NaN), the first ECGs. A smaller count gives the beginning of the list.
    """
    errors = np.abs(read.astype(np.float64) - y)
    known = np.flatnonzero(np.isfinite(errors))
    order = known[np.argsort(errors[known], kind="stable")]
    ends = [int(order[-1]), int(order[0])] if len(order) else []
    return list(dict.fromkeys([0, *ends, *range(len(read))]))[:count]


def shown_steps(
    probe: Probe,
    protocol: Protocol,
    orders: Mapping[str, Int64[np.ndarray, "ecg step"]],
    ecgs: Sequence[int],
) -> ShownSteps | None:
    """The steps on the ECGs at these positions, of which there are orders; None without an ECG."""
    if not ecgs:
        return None
    changed = changes(probe, replace(protocol, draws=1))
    units = units_of(probe, protocol)
    return ShownSteps(
        units=torch.stack([units[ecg] for ecg in ecgs]).numpy(),
        changes=torch.cat([changed(ecg) for ecg in ecgs]).numpy(),
        orders={name: order[list(ecgs)] for name, order in orders.items()},
    )
