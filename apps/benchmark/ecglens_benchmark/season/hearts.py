"""Exact ECGs of a season: hearts, noise and events with settings that are drawn from its seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import LEADS, ExactParameters, draw_exact, exact_beat, exact_record, segment_mask
from jaxtyping import Float, Int8
from torch import Tensor

from .seasons import Season

NOISE_UV = (1.0, 12.0)  # SD of white noise: an ECG that looks clean to one with visible noise
MORPHOLOGIES = ("plain", "varied")
SPARE = 16  # ECGs for methods that compare with those of others, and to fill a batch
STRIP = 2500  # samples, 5 s
CHEST = tuple(LEADS.index(f"V{number}") for number in range(1, 7))  # no lead follows from others


@dataclass(frozen=True)
class Ecgs:
    """ECGs of a part with true marks, and others with theirs that nothing is asked about."""

    batch: Batch
    others: Float[Tensor, "other lead time"]
    other_marks: Int8[np.ndarray, "other time"]
    parameters: Sequence[ExactParameters] = ()

    @classmethod
    def of(
        cls,
        x: Float[Tensor, "any lead time"],
        marks: Int8[np.ndarray, "any time"],
        names: Sequence[str],
        parameters: Sequence[ExactParameters] = (),
    ) -> "Ecgs":
        """As many ECGs as there are names, then others."""
        count = len(names)
        unknown = torch.full((count, 1), torch.nan)
        own = Batch(x[:count].clone(), unknown, torch.from_numpy(marks[:count]), [*names])
        return cls(own, x[count:].clone(), marks[count:], parameters[:count])

    @property
    def x(self) -> Float[Tensor, "ecg lead time"]:
        """The ECGs in µV."""
        return self.batch.x


@dataclass(frozen=True)
class Hearts:
    """Generator of a season's ECGs: its settings are drawn once for each `part`."""

    season: Season
    part: str

    def drawn(self, start: int, count: int) -> tuple[list[ExactParameters], float]:
        """Hearts number `start` and on, in sinus rhythm, and the SD of their noise in µV."""
        random = self.season.numbers("hearts", self.part)
        seed, noise = int(random.integers(2**31)), float(random.uniform(*NOISE_UV))
        morphology = str(random.choice(MORPHOLOGIES))
        return [draw_exact(seed, start + k, "sinus", morphology) for k in range(count)], noise

    def beats(self, count: int, start: int = 0) -> Ecgs:
        """Median beats, and SPARE others."""
        parameters, noise = self.drawn(start, count + SPARE)
        x = torch.from_numpy(np.stack([exact_beat(one, noise).signal for one in parameters]))
        marks = np.stack([segment_mask(one.marks, x.shape[2]) for one in parameters])
        return Ecgs.of(x, marks, self.names(start, count), parameters)

    def strips(self, count: int) -> Ecgs:
        """Strips of STRIP samples, and SPARE others."""
        signals, marks = [], []
        parameters, noise = self.drawn(0, count + SPARE)
        for one in parameters:
            record = exact_record(one, noise, rr_scatter=0.05)
            signals.append(record.signal[:, :STRIP])
            marks.append(segment_mask(one.marks, STRIP, record.r_peaks))
        x = torch.from_numpy(np.stack(signals))
        return Ecgs.of(x, np.stack(marks), self.names(0, count), parameters)

    def names(self, start: int, count: int) -> list[str]:
        """Names of ECGs, which say nothing to who does not know the seed."""
        return [
            f"{self.season.number('name', self.part, start + number):08x}"
            for number in range(count)
        ]


@dataclass(frozen=True)
class Events:
    """Bumps in ECGs: half a sine of `width` samples, its mean uniform in `sizes` (µV)."""

    width: int
    sizes: tuple[float, float]

    @property
    def shape(self) -> Float[np.ndarray, " width"]:
        """A bump of mean 1."""
        half_sine = np.sin(np.pi * (np.arange(self.width) + 0.5) / self.width)
        return half_sine / half_sine.mean()

    def added(self, x: Tensor, lead: int, start: int, size: float) -> None:
        """Add a bump to one ECG in place."""
        x[lead, start : start + self.width] += torch.from_numpy(size * self.shape).to(x)


def with_bump_in_each_chest_lead(ecgs: Ecgs, events: Events, random: np.random.Generator) -> Ecgs:
    """ECGs whose chest leads hold nothing but a bump each, at any time and of its own size."""
    first = events.width
    for x in (*ecgs.batch.x, *ecgs.others):
        x[list(CHEST)] = 0.0
        for lead in CHEST:
            start = int(random.integers(first, x.shape[1] - 2 * events.width))
            events.added(x, lead, start, float(random.uniform(*events.sizes)))
    return ecgs


def with_amounts(
    ecgs: Ecgs, events: Events, starts: Sequence[int], random: np.random.Generator
) -> Ecgs:
    """ECGs with an independent normal amount, of either sign, in every lead at each of `starts`."""
    for x in (*ecgs.batch.x, *ecgs.others):
        for lead in range(len(x)):
            for start in starts:
                events.added(x, lead, start, float(events.sizes[1] * random.standard_normal()))
    return ecgs


def with_interference(ecgs: Ecgs, signal: int, pickup: int, random: np.random.Generator) -> Ecgs:
    """ECGs with a slow disturbance in two leads, of which `pickup` holds nothing else."""
    time = torch.arange(ecgs.x.shape[2]) / 500.0
    for x in (*ecgs.batch.x, *ecgs.others):
        size, hz, phase = random.uniform(100, 400), random.uniform(0.5, 3), random.uniform(0, 6.28)
        wave = size * torch.sin(2 * torch.pi * hz * time + phase)
        x[pickup] = wave.to(x)
        x[signal] += wave.to(x)
    return ecgs
