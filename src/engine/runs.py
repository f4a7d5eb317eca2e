"""Runs of samples with equal numbers, and straight lines in place of them."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor


def runs(
    units: Int64[Tensor, " time"],
) -> tuple[Int64[Tensor, " time"], Int64[Tensor, " time"]]:
    """First sample and length of the run that each sample lies in."""
    _, run, count = torch.unique_consecutive(units, return_inverse=True, return_counts=True)
    return (count.cumsum(0) - count)[run], count[run]


def lines(
    x: Float[Tensor, "lead time"], units: Int64[Tensor, " time"]
) -> Float[Tensor, "lead time"]:
    """Signal in which each run is the straight line between the samples before and after it.

    At an end of the signal the run's own outermost sample takes the place of the missing one.
    """
    first, length = runs(units)
    left = (first - 1).clamp(min=0)
    right = (first + length).clamp(max=len(units) - 1)
    place = torch.arange(len(units), device=units.device)
    share = (place - left).to(x.dtype) / (right - left).clamp(min=1)
    return x[:, left] + (x[:, right] - x[:, left]) * share
