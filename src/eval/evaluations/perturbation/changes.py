"""Changes of the points of each ECG by a protocol, and the settings they depend on."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ....engine import noise_field
from ...heatmaps.folding import aligned
from ...heatmaps.probe import Probe
from ...protocol import Protocol
from .fills import donor_change, linear_change, mean_change, noise_change
from .units import folds, segments_from, units_of


def changes(probe: Probe, protocol: Protocol) -> Callable[[int], Float[Tensor, "draw lead time"]]:
    """A function of an ECG's place that gives what is added to its points in every draw.

    Raises ValueError where donors are wanted and all ECGs are of one patient.
    """
    ecgs, draws = probe.ecgs, range(protocol.draws)
    units, others = units_of(probe, protocol), _donors(probe, protocol)

    def drawn(ecg: int, draw: int) -> Float[Tensor, "lead time"]:
        x = ecgs.x[ecg].cpu()
        if protocol.fill == "noise":
            field = noise_field(probe.seed, [ecgs.record[ecg]], draw, (len(x), x.shape[1]))[0]
            return noise_change(x, field, units[ecg], protocol.noise, protocol.noise_scope)
        if protocol.fill == "linear":
            return linear_change(x, units[ecg])
        if protocol.fill == "mean":
            return mean_change(x)
        if protocol.fill == "zero":
            return -x
        other = others[draw][ecg]
        at = aligned(ecgs.segments[ecg], ecgs.segments[other])
        return donor_change(x, ecgs.x[other].cpu(), at)

    return lambda ecg: torch.stack([drawn(ecg, draw) for draw in draws])


def changed_by(probe: Probe, protocol: Protocol, ecgs: slice) -> Mapping[str, Any]:
    """The settings that the changes of these ECGs depend on, beside those of the probe."""
    folded = folds(probe, protocol)
    if protocol.fill == "noise":
        return {
            "draws": protocol.draws,
            "noise": protocol.noise,
            "noise_scope": protocol.noise_scope,
            "folded": folded,
            **segments_from(probe, protocol, ecgs),
        }
    given = [each[ecgs] for each in _donors(probe, protocol)]
    return {
        "fill": protocol.fill,
        "draws": protocol.draws,
        "folded": folded,
        **segments_from(probe, protocol, ecgs),
        **({"donors": [probe.of_others(others) for others in given]} if given else {}),
    }


def _donors(probe: Probe, protocol: Protocol) -> list[list[int]]:
    """The donor of each ECG in each draw; none where the fill needs none."""
    if protocol.fill != "donor":
        return []
    return [probe.donors(draw) for draw in range(protocol.draws)]
