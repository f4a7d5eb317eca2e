"""What is asked: which output of which network is explained on which ECGs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from ..datamodules import Batch
from ..ecg import R_PEAK
from ..engine import Walker, sample_ids
from ..store import fingerprint
from .perturbation.folding import beat_groups, r_peaks, segment_groups
from .perturbation.protocol import Protocol

# ECGs attributed, walked and kept at a time: what a kill costs, and what a gallery is drawn from.
CHUNK = 16


def chunks_of(count: int) -> list[slice]:
    """So many ECGs in pieces of CHUNK."""
    return [slice(at, min(at + CHUNK, count)) for at in range(0, count, CHUNK)]


def filled(chunk: slice) -> list[int]:
    """The places of a chunk, over and over until there are CHUNK of them.

    A batch of another size rounds otherwise: the last chunk is filled up with ECGs of its own.
    """
    return [chunk.start + place % (chunk.stop - chunk.start) for place in range(CHUNK)]


@dataclass(frozen=True)
class Question:
    """`key` stands for the weights of the network; the ECGs are worked on in chunks of CHUNK.

    `patients` are those of the ECGs, left out where each ECG is of another patient; `background`
    are ECGs of others, for methods that compare with them.
    """

    net: nn.Module
    key: str
    ecgs: Batch
    target: int
    seed: int
    patients: tuple[str, ...] = ()
    background: Float[Tensor, "other lead time"] | None = None

    def __post_init__(self) -> None:
        x, y, segments, records = self.ecgs
        if not 0 < len(x) == len(y) == len(segments) == len(records):
            raise ValueError(
                "expected at least one ECG and for each its values, mask and name, "
                f"got {len(x)}, {len(y)}, {len(segments)}, {len(records)}"
            )
        if not 0 <= self.target < y.shape[1]:
            raise ValueError(
                f"expected a true value for target {self.target}, got {y.shape[1]} of them; "
                "give NaN where it is unknown"
            )

    @cached_property
    def chunks(self) -> list[slice]:
        """The ECGs in pieces of CHUNK."""
        return chunks_of(len(self.ecgs.record))

    @cached_property
    def groups(self) -> list[Int64[Tensor, " time"]]:
        """For each ECG the samples that a folded step hits together."""
        return [beat_groups(one) for one in self.ecgs.segments]

    @cached_property
    def strips(self) -> bool:
        """Whether any ECG has more than one beat."""
        return bool(((self.ecgs.segments & R_PEAK) != 0).sum(1).max() > 1)

    @cached_property
    def points(self) -> int:
        """The most steps that every ECG has points for, folded or not."""
        return self.ecgs.x.shape[1] * min(int(groups.max()) + 1 for groups in self.groups)

    @cached_property
    def whose(self) -> tuple[str, ...]:
        """The patient of each ECG."""
        return self.patients or tuple(self.ecgs.record)

    def folds(self, protocol: Protocol) -> bool:
        """Whether a step of this protocol hits every beat of these ECGs."""
        return protocol.folded and self.strips

    def units(self, protocol: Protocol) -> list[Int64[Tensor, " time"]]:
        """For each ECG the number of the point or segment of a lead that each sample belongs to."""
        alone = torch.arange(self.ecgs.x.shape[2])
        groups = self.groups if self.folds(protocol) else [alone] * len(self.ecgs.record)
        if protocol.width == 1:
            return groups
        return [
            segment_groups(one, segments, protocol.width)
            for one, segments in zip(groups, self.ecgs.segments, strict=True)
        ]

    def cut(self, protocol: Protocol) -> Mapping[str, Any]:
        """What segments depend on beside the beats: width and first R peaks; {} for points."""
        if protocol.width == 1:
            return {}
        first = [r_peaks(one)[:1].tolist() for one in self.ecgs.segments]
        return {"width": protocol.width, "r_peaks": fingerprint({"first": first})}

    def most_steps(self, protocol: Protocol) -> int:
        """The most steps that every ECG has points or segments for."""
        return self.ecgs.x.shape[1] * min(int(one.max()) + 1 for one in self.units(protocol))

    @cached_property
    def device(self) -> torch.device:
        """Where the network is."""
        parameter = next(self.net.parameters(), None)
        return self.ecgs.x.device if parameter is None else parameter.device

    @cached_property
    def walker(self) -> Walker:
        """What reads perturbed copies of the ECGs."""
        return Walker(self.net, self.ecgs.x[0])

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """What changes the numbers, whatever the method; the true values do not."""
        ecgs = {"x": sample_ids(self.ecgs.x), "records": list(self.ecgs.record)}
        beats = {"groups": [one.tolist() for one in self.groups]}
        return {
            "network": self.key,
            "target": self.target,
            "seed": self.seed,
            "ecgs": fingerprint(ecgs),
            "beats": fingerprint(beats) if self.strips else None,
        }
