"""Generated ECGs without patients, in any number, from the generator of the 2025 study."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float32

from ...ecg import Record, from_eight
from ...engine import generator
from . import pulse2pulse

# ECGs per call of the network and per random stream; another size gives other ECGs.
BLOCK = 32


@dataclass(frozen=True)
class Deepfake:
    """`n` 10-s ECGs at 500 Hz from the Pulse2Pulse network in the deepfake-ecg wheel.

    ECG k depends only on the seed and k. Each counts as a patient. Nothing is downloaded. These are
    all ECGs that the network of Thambawita 2021 (medRxiv 2021.04.27.21256189) generates. Whether
    the 150 000 published "DeepFake ECGs" of Storås 2025 were filtered afterwards is unknown, and
    their random numbers are not published.
    """

    n: int = 4000
    seed: int = 0
    version: ClassVar[int] = 1
    generated: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"expected data.n of at least 1 ECG, got {self.n}")

    def __len__(self) -> int:
        return self.n

    def origin(self, start: int, stop: int) -> dict[str, int]:
        """Seed, and the ECGs of its endless sequence."""
        return {"seed": self.seed, "start": start, "stop": stop}

    def read(self, start: int, stop: int) -> Iterator[Record]:
        """ECGs start … stop − 1, generated in whole blocks."""
        for block in range(start // BLOCK, -(-stop // BLOCK)):
            first = block * BLOCK
            signals = from_eight(made(self.seed, block))
            for index in range(max(start, first), min(stop, first + BLOCK)):
                name = f"deepfake-{self.seed}-{index:06d}"
                yield Record(signals[index - first], id=name, patient=name)


def made(seed: int, block: int) -> Float32[np.ndarray, "block 8 5000"]:
    """Block of the endless sequence of this seed, in whole µV, leads I, II, V1…V6."""
    shape = (BLOCK, pulse2pulse.LEADS, pulse2pulse.SAMPLES)
    noise = torch.empty(shape).uniform_(-1, 1, generator=generator(seed, "deepfake", block))
    threads = torch.get_num_threads()
    # Always one thread: the order of a sum, and so its last bit, may depend on their number.
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            signals = pulse2pulse.generate(noise, pulse2pulse.wheel_weights())
    finally:
        torch.set_num_threads(threads)
    return signals.numpy().astype(np.float32)
