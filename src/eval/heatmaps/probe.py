"""A network probed on the ECGs of a subject, some of them at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from ...datamodules import Batch
from ...ecg import FS_HZ, R_PEAK
from ...engine import Walker, accelerate, keeps_statistics, sample_ids
from ...models import network_key
from ...store import fingerprint
from ..chunks import BlockSettings, blocks_of
from ..subject import Subject, donors
from .folding import beat_groups, r_peaks, segment_groups

# ECGs explained, perturbed and kept at a time: what a kill costs, and what a gallery is drawn from.
CHUNK = 16


def chunks_of(count: int) -> list[slice]:
    """The positions 0 … count − 1 in pieces of CHUNK."""
    return [slice(at, min(at + CHUNK, count)) for at in range(0, count, CHUNK)]


def filled(chunk: slice) -> list[int]:
    """The positions of a chunk, repeated until there are CHUNK of them.

    A batch of another size rounds differently: the last chunk is filled up with its own ECGs.
    """
    return [chunk.start + place % (chunk.stop - chunk.start) for place in range(CHUNK)]


def probe_of(net: nn.Module, subject: Subject) -> "Probe":
    """The accelerated network with the ECGs of the subject."""
    return Probe(accelerate(net), network_key(net, subject.shape), subject)


@dataclass(frozen=True, eq=False)
class Probe:
    """A network on the ECGs of a subject; `key` identifies its weights.

    Raises ValueError without an ECG, for labels, masks or names that do not match the ECGs, and for
    an output without a column of labels.
    """

    net: nn.Module
    key: str
    subject: Subject
    # What is made once for all methods and protocols, by its settings.
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        x, y, segments, records = self.ecgs
        if not 0 < len(x) == len(y) == len(segments) == len(records):
            raise ValueError(
                "expected at least one ECG and for each its values, mask and name, "
                f"got {len(x)}, {len(y)}, {len(segments)}, {len(records)}"
            )
        if not 0 <= self.output < y.shape[1]:
            raise ValueError(
                f"expected a true value for output {self.output}, got {y.shape[1]} of them; "
                "give NaN where it is unknown"
            )

    @property
    def ecgs(self) -> Batch:
        return self.subject.ecgs

    @property
    def output(self) -> int:
        """The position of the explained output."""
        return self.subject.output

    @property
    def fs(self) -> float:
        """Samples a second."""
        return self.subject.fs

    @property
    def seed(self) -> int:
        return self.subject.seed

    @property
    def patients(self) -> tuple[str, ...]:
        return tuple(self.subject.patients)

    @property
    def background(self) -> Float[Tensor, "other lead time"] | None:
        """ECGs of other patients, for methods that compare with them."""
        return self.subject.background

    @cached_property
    def unperturbed(self) -> Float[Tensor, "ecg lead time"] | None:
        """ECGs by whose statistics the network normalises these, None where by their own."""
        return self.subject.unperturbed if keeps_statistics(self.net) else None

    @cached_property
    def chunks(self) -> list[slice]:
        """The ECGs in pieces of CHUNK."""
        return chunks_of(len(self.ecgs.record))

    @cached_property
    def blocks(self) -> list[slice]:
        """The ECGs whose chunks are kept in one folder."""
        return [
            slice(self.chunks[numbers[0]].start, self.chunks[numbers[-1]].stop)
            for numbers in blocks_of(len(self.chunks))
        ]

    @property
    def groups(self) -> list[Int64[Tensor, " time"]]:
        """The group of each sample of each ECG: samples that a folded step changes together."""
        return self.units(folded=True, width=1)

    @cached_property
    def strips(self) -> bool:
        """True where any ECG has more than one beat."""
        # A chunk at a time: the sum over all ECGs at once takes 8 bytes a sample.
        peaks = ((part & R_PEAK) != 0 for part in self.ecgs.segments.split(CHUNK))
        return any(bool((one.sum(1) > 1).any()) for one in peaks)

    @cached_property
    def points(self) -> int:
        """The largest number of steps that every ECG has points for, folded or not."""
        return self.most_steps(folded=True, width=1)

    @cached_property
    def device(self) -> torch.device:
        parameter = next(self.net.parameters(), None)
        return self.ecgs.x.device if parameter is None else parameter.device

    @cached_property
    def walker(self) -> Walker:
        """The predictor for perturbed copies of the ECGs."""
        return Walker(self.net, self.ecgs.x[0])

    def units(self, folded: bool, width: int) -> list[Int64[Tensor, " time"]]:
        """The number of the point or segment that each sample belongs to, per ECG.

        `width` neighbouring samples, or groups of them where a step is `folded`, are a segment.
        ECGs with the same R peaks share one tensor.
        """
        if (folded, width) not in self._made:
            made: dict[tuple[int, ...], Int64[Tensor, " time"]] = {}
            found = []
            for marks in self.ecgs.segments:
                peaks = tuple(r_peaks(marks).tolist())
                if peaks not in made:
                    groups = beat_groups(marks) if folded else torch.arange(len(marks))
                    made[peaks] = segment_groups(groups, marks, width) if width > 1 else groups
                found.append(made[peaks])
            self._made[folded, width] = found
        return self._made[folded, width]

    def most_steps(self, folded: bool, width: int) -> int:
        """The largest number of steps that every ECG has points or segments for."""
        key = ("most steps", folded, width)
        if key not in self._made:
            made = {id(one): one for one in self.units(folded, width)}
            fewest = min(int(one.max()) + 1 for one in made.values())
            self._made[key] = self.ecgs.x.shape[1] * fewest
        return self._made[key]

    def donors(self, draw: int) -> list[int]:
        """The position of each ECG's donor in a draw (donors); errors as there."""
        if draw not in self._made:
            self._made[draw] = donors(self.ecgs.record, self.patients, self.seed, draw)
        return self._made[draw]

    @cached_property
    def settings(self) -> BlockSettings:
        """Settings of each block that change the numbers of every method; true values do not."""

        def own(block: int) -> Mapping[str, Any]:
            ecgs = self.blocks[block]
            named = {"x": sample_ids(self.ecgs.x[ecgs]), "records": list(self.ecgs.record[ecgs])}
            found: dict[str, Any] = {
                "network": self.key,
                "target": self.output,
                "seed": self.seed,
                "ecgs": fingerprint(named),
                "beats": None,
            }
            if self.strips:
                groups = [one.tolist() for one in self.groups[ecgs]]
                found["beats"] = fingerprint({"groups": groups})
            if self.unperturbed is not None:
                found["unperturbed"] = fingerprint({"x": sample_ids(self.unperturbed[ecgs])})
            if self.fs != FS_HZ:
                found["fs"] = self.fs
            return found

        return self.of_blocks(own)

    def of_blocks(self, make: Callable[[int], Mapping[str, Any]]) -> BlockSettings:
        """Settings of each block by its number."""
        return BlockSettings(make, len(self.blocks))

    def of_others(self, others: list[int]) -> str:
        """Fingerprint of the samples and marks of these ECGs, which another's numbers depend on."""
        marks = sample_ids(self.ecgs.segments[others][:, None].float())
        return fingerprint({"x": sample_ids(self.ecgs.x[others]), "marks": marks})
