"""What a method may use beside the network and the ECGs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int8
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Context:
    """One random generator per ECG, the wave marks of each ECG, and ECGs to compare with.

    `segments` has a bit per wave (ecg.waves), all 0 where nothing is known of an ECG.
    `background` are ECGs of others, usually of the training part, on the device of the ECGs: the
    same for every ECG and every batch. It may be empty; a method with `uses_background = True` is
    never called then.
    """

    generators: Sequence[torch.Generator]
    segments: Int8[Tensor, "batch time"]
    background: Float[Tensor, "other lead time"]

    def split(self, size: int) -> Iterator["Context"]:
        """The contexts of so many ECGs at a time."""
        for start in range(0, len(self.generators), size):
            part = slice(start, start + size)
            yield Context(self.generators[part], self.segments[part], self.background)
