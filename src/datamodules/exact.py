"""Exact ECGs: made of waves with known beginnings and ends, so that every label is the truth."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import ClassVar

from ..ecg import Record, draw_exact, exact_record


@dataclass(frozen=True)
class Exact:
    """`n` exact 10-s ECGs at 500 Hz (ecg.exact), each a patient of its own.

    ECG k depends on the settings and k alone. Labels and marks come with the record.
    `noise_uv` is the SD of white noise on the strip, `rr_scatter` that of its RR intervals as a
    share of their mean; the beat is free of noise.
    """

    n: int = 2000
    seed: int = 0
    noise_uv: float = 0.0
    rr_scatter: float = 0.0
    version: ClassVar[int] = 1
    generated: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"expected data.n of at least 1 ECG, got {self.n}")
        if not 0 <= self.noise_uv < inf:
            raise ValueError(f"expected data.noise_uv of at least 0 µV, got {self.noise_uv}")
        # Scatter is cut off at two SD: from 0.5 on a beat could come before the one it follows.
        if not 0 <= self.rr_scatter < 0.5:
            raise ValueError(f"expected data.rr_scatter from 0 to below 0.5, got {self.rr_scatter}")

    def __len__(self) -> int:
        return self.n

    def origin(self, start: int, stop: int) -> dict[str, int | float]:
        """The settings and which ECGs of its endless row."""
        return {
            "seed": self.seed,
            "noise_uv": float(self.noise_uv),
            "rr_scatter": float(self.rr_scatter),
            "start": start,
            "stop": stop,
        }

    def read(self, start: int, stop: int) -> Iterator[Record]:
        """The ECGs start … stop − 1."""
        for index in range(start, stop):
            yield exact_record(draw_exact(self.seed, index), self.noise_uv, self.rr_scatter)
