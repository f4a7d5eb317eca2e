"""Normalisation of an ECG before a network reads it, by statistics of the ECG or fixed numbers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ...store import check_types


class Affine(NamedTuple):
    """z · gain + offset about a centre: (z − centre) · gain + offset."""

    centre: Tensor
    gain: Tensor
    offset: float = 0.0

    def __call__(self, z: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """Normalised values."""
        return (z - self.centre) * self.gain + self.offset


@dataclass(frozen=True)
class Normalisation:
    """Normalisation of each ECG, in the unit of the network.

    - "z-score": less the mean, divided by the SD (`ddof` 0: of the population, as NumPy's; 1: of a
      sample, as torch's), which counts as at least `least_sd`;
    - "min-max": from minimum … maximum to the `to` range;
    - "fixed": less `mean`, divided by `sd`, each one number or one per lead of the network.

    Statistics are taken `per` lead or over all leads of the ECG, `over` the window that the network
    reads or the whole record. A lead that is constant has nothing to divide by: the network reads
    its centre there, and no perturbed copy changes that.

    `statistics` "frozen": copies of an ECG that a method or an evaluation perturbs are normalised
    by the statistics of the unperturbed ECG, so that the network is an ordinary function of its
    samples. "live": by their own, as in use; the network is then blind to scale and offset.
    Raises ValueError for settings that do not fit.
    """

    kind: Literal["z-score", "min-max", "fixed"]
    per: Literal["lead", "ecg"] = "lead"
    over: Literal["window", "record"] = "window"
    ddof: Literal[0, 1] = 0
    least_sd: int | float = 1e-6  # as in the networks of Ahus; far below 1 µV in any unit
    to: Sequence[int | float] = (0.0, 1.0)
    mean: int | float | Sequence[int | float] = 0.0
    sd: int | float | Sequence[int | float] = 1.0
    statistics: Literal["frozen", "live"] = "frozen"

    def __post_init__(self) -> None:
        check_types(Normalisation, asdict(self), "normalisation")
        for name in ("to", "mean", "sd"):
            value = getattr(self, name)
            if not isinstance(value, int | float):
                object.__setattr__(self, name, tuple(value))
        if len(self.to) != 2 or not self.to[0] < self.to[1]:
            raise ValueError(f"expected normalisation.to as [low, high], got {list(self.to)}")
        if not 0 < self.least_sd < float("inf"):
            raise ValueError(f"expected normalisation.least_sd above 0, got {self.least_sd}")
        if not all(isfinite(one) and one > 0 for one in self.numbers("sd")):
            raise ValueError(f"expected every normalisation.sd above 0, got {self.sd}")
        if not all(map(isfinite, self.numbers("mean"))):
            raise ValueError(f"expected finite numbers in normalisation.mean, got {self.mean}")

    def numbers(self, name: Literal["mean", "sd"]) -> tuple[float, ...]:
        """Fixed numbers as a tuple: one, or one per lead."""
        value = getattr(self, name)
        return tuple(map(float, [value] if isinstance(value, int | float) else value))

    @property
    def of_each_ecg(self) -> bool:
        """Whether the numbers are statistics of the ECG."""
        return self.kind != "fixed"

    @property
    def of_the_training_data(self) -> bool:
        """Whether the numbers are a mean and an SD that were measured on other ECGs."""
        return self.kind == "fixed" and {*self.numbers("mean"), *self.numbers("sd")} != {0.0, 1.0}

    def of(self, z: Float[Tensor, "batch window lead time"]) -> Affine:
        """Normalisation by the statistics of these signals."""
        if self.kind == "fixed":
            mean, sd = (z.new_tensor(self.numbers(name))[:, None] for name in ("mean", "sd"))
            return Affine(mean, 1 / sd)
        over = (-1,) if self.per == "lead" else (-2, -1)
        low, high = z.amin(over, keepdim=True), z.amax(over, keepdim=True)
        if self.kind == "min-max":
            return Affine(low, (self.to[1] - self.to[0]) * _inverse(high - low), self.to[0])
        flat = high == low
        mean = torch.where(flat, low, z.mean(over, keepdim=True))
        variance = z.var(over, correction=self.ddof, keepdim=True)
        # The gradient of the square root of 0 would be infinite.
        sd = torch.where(flat, 1.0, variance).sqrt().clamp(min=self.least_sd)
        return Affine(mean, torch.where(flat, 0.0, 1 / sd))


def _inverse(span: Tensor) -> Tensor:
    """1 / span, and 0 where it is 0."""
    return torch.where(span > 0, 1 / torch.where(span > 0, span, 1.0), 0.0)
