"""A network probed on the ECGs of a subject, some of them at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
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
from ..subject import Subject
from .folding import beat_groups

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
        """The ECGs of the subject."""
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
        """The seed of everything random."""
        return self.subject.seed

    @property
    def patients(self) -> tuple[str, ...]:
        """The patient of each ECG."""
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
    def groups(self) -> list[Int64[Tensor, " time"]]:
        """The group of each sample of each ECG: samples that a folded step changes together."""
        return [beat_groups(one) for one in self.ecgs.segments]

    @cached_property
    def strips(self) -> bool:
        """Whether any ECG has more than one beat."""
        return bool(((self.ecgs.segments & R_PEAK) != 0).sum(1).max() > 1)

    @cached_property
    def points(self) -> int:
        """The largest number of steps that every ECG has points for, folded or not."""
        return self.ecgs.x.shape[1] * min(int(groups.max()) + 1 for groups in self.groups)

    @cached_property
    def device(self) -> torch.device:
        """The device of the network."""
        parameter = next(self.net.parameters(), None)
        return self.ecgs.x.device if parameter is None else parameter.device

    @cached_property
    def walker(self) -> Walker:
        """The predictor for perturbed copies of the ECGs."""
        return Walker(self.net, self.ecgs.x[0])

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """Settings that change the numbers of every method; true values do not."""
        ecgs = {"x": sample_ids(self.ecgs.x), "records": list(self.ecgs.record)}
        beats = {"groups": [one.tolist() for one in self.groups]}
        return {
            "network": self.key,
            "target": self.output,
            "seed": self.seed,
            "ecgs": fingerprint(ecgs),
            "beats": fingerprint(beats) if self.strips else None,
            **self._copied,
            **({} if self.fs == FS_HZ else {"fs": self.fs}),
        }

    @property
    def _copied(self) -> Mapping[str, str]:
        own = self.unperturbed
        return {} if own is None else {"unperturbed": fingerprint({"x": sample_ids(own)})}
