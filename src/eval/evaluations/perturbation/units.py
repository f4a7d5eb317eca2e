"""The points or segments of an ECG that the steps of a protocol change."""

from collections.abc import Mapping
from typing import Any

from jaxtyping import Int64
from torch import Tensor

from ....store import fingerprint
from ...heatmaps.folding import r_peaks
from ...heatmaps.probe import Probe
from ...protocol import Protocol


def folds(probe: Probe, protocol: Protocol) -> bool:
    """Whether a step of this protocol changes every beat of these ECGs."""
    return protocol.folded and probe.strips


def units_of(probe: Probe, protocol: Protocol) -> list[Int64[Tensor, " time"]]:
    """The number of the point or segment of a lead that each sample belongs to, per ECG."""
    return probe.units(folds(probe, protocol), width_of(probe, protocol))


def width_of(probe: Probe, protocol: Protocol) -> int:
    """Samples of a lead that a step hits together in one beat; at least one at a low rate."""
    return max(1, protocol.width(probe.fs))


def segments_from(probe: Probe, protocol: Protocol, ecgs: slice) -> Mapping[str, Any]:
    """Settings that the segments of these ECGs depend on beside the beats; {} for points.

    Those are their width and the first R peaks.
    """
    width = width_of(probe, protocol)
    if width == 1:
        return {}
    first = [r_peaks(one)[:1].tolist() for one in probe.ecgs.segments[ecgs]]
    return {"width": width, "r_peaks": fingerprint({"first": first})}


def most_steps(probe: Probe, protocol: Protocol) -> int:
    """The largest number of steps that every ECG has points or segments for."""
    return probe.most_steps(folds(probe, protocol), width_of(probe, protocol))
