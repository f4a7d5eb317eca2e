"""Runs of samples with one number, and the straight line in the place of each."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor


def runs(
    units: Int64[Tensor, " time"],
) -> tuple[Int64[Tensor, " time"], Int64[Tensor, " time"]]:
    """For each sample the first sample and the length of the run of one unit that it lies in."""
    _, run, count = torch.unique_consecutive(units, return_inverse=True, return_counts=True)
    return (count.cumsum(0) - count)[run], count[run]


def lines(
    x: Float[Tensor, "lead time"], units: Int64[Tensor, " time"]
) -> Float[Tensor, "lead time"]:
    """In each run of samples of one unit the line between the samples before and after it.

    At an end of the signal, where one of them is missing, the run's own outermost takes its place.
    """
    first, length = runs(units)
    left = (first - 1).clamp(min=0)
    right = (first + length).clamp(max=len(units) - 1)
    place = torch.arange(len(units), device=units.device)
    share = (place - left).to(x.dtype) / (right - left).clamp(min=1)
    return x[:, left] + (x[:, right] - x[:, left]) * share
