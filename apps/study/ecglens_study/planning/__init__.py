"""Simulated experts, and the sample size that an agreement study needs."""

from .sample_size import SampleSize, sample_size, sample_sizes
from .simulate import Experts, simulate, simulate_pairs, uneven

__all__ = [
    "Experts",
    "SampleSize",
    "sample_size",
    "sample_sizes",
    "simulate",
    "simulate_pairs",
    "uneven",
]
