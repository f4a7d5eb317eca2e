"""Steps of perturbation curves that figures show, as the curves were made."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Int64

from ...heatmaps.probe import Probe
from ...protocol import Protocol
from ...shown_steps import ShownSteps
from .changes import changes
from .units import units_of


def shown_steps(
    probe: Probe, protocol: Protocol, orders: Mapping[str, Int64[np.ndarray, "ecg step"]]
) -> ShownSteps | None:
    """The steps on the first ECGs of the probe, those that have orders; None without an ECG."""
    ecgs = min(map(len, orders.values()), default=0)
    if not ecgs:
        return None
    changed = changes(probe, replace(protocol, draws=1))
    return ShownSteps(
        units=torch.stack(units_of(probe, protocol)[:ecgs]).numpy(),
        changes=torch.cat([changed(ecg) for ecg in range(ecgs)]).numpy(),
        orders=orders,
    )
