"""Fills of the points that a step hits, as a change added to the ECG.

Zero, mean, noise and interpolation are the usual baselines (Samek 2017; Ismail 2020); the smooth
bump and the donor's segment are our own definition. A change is that of the clean ECG: the points
beside a segment count as they are there, whether or not another step has hit them.
"""

from typing import Literal

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ....engine import lines, runs
from .curves import noise_deviation


def noise_change(
    x: Float[Tensor, "lead time"],
    field: Float[Tensor, "lead time"],
    units: Int64[Tensor, " time"],
    noise: float,
    scope: Literal["sample", "lead"],
) -> Float[Tensor, "lead time"]:
    """One draw of the field times a raised cosine over each run of samples of one unit.

    The bump's summit has `noise` times max − min as its standard deviation, and at both ends it
    sets out from zero: half a sample outside the run. A run of one sample gets its noise as it is.
    """
    first, length = runs(units)
    place = torch.arange(len(units)) - first
    bump = (1 - torch.cos(2 * torch.pi * (place + 0.5) / length)) / 2
    deviation = noise_deviation(x[None], noise, scope)[0].cpu()
    return deviation * field[:, first].to(x.dtype) * bump.to(x.dtype)


def linear_change(
    x: Float[Tensor, "lead time"], units: Int64[Tensor, " time"]
) -> Float[Tensor, "lead time"]:
    """To the line between the samples before and after each run of samples of one unit."""
    return lines(x, units) - x


def mean_change(x: Float[Tensor, "lead time"]) -> Float[Tensor, "lead time"]:
    """To the mean of each lead."""
    return x.mean(1, keepdim=True) - x


def donor_change(
    x: Float[Tensor, "lead time"], donor: Float[Tensor, "lead time"], at: Int64[Tensor, " time"]
) -> Float[Tensor, "lead time"]:
    """To the donor's samples; `at` says which stands for each (folding.aligned)."""
    return donor[:, at] - x
