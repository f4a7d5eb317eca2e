"""What a method may use beside the network and the ECGs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int8
from torch import Tensor

from ..ecg import FS_HZ


@dataclass(frozen=True, eq=False)
class Context:
    """A random generator per ECG, the wave marks of each ECG, and ECGs of others.

    `segments` has a bit per wave (ecg.waves), and is 0 throughout an ECG without marks.
    `fs` is the rate of the ECGs in Hz.
    `background` holds ECGs of others, usually training ECGs, on the device of the ECGs: the same
    for every ECG and every batch. It is never empty for a method that needs a background.
    """

    generators: Sequence[torch.Generator]
    segments: Int8[Tensor, "batch time"]
    background: Float[Tensor, "other lead time"]
    fs: float = FS_HZ

    def split(self, size: int) -> Iterator["Context"]:
        """Contexts of `size` ECGs each."""
        for start in range(0, len(self.generators), size):
            part = slice(start, start + size)
            yield Context(self.generators[part], self.segments[part], self.background, self.fs)
