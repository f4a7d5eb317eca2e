"""Fast arithmetic in torch, without any knowledge of ECGs: convolutions, copies, random streams."""

from .black_box import BlackBox, has_gradient
from .convolution import FftConv1d, accelerate
from .incremental import (
    NEVER,
    Copies,
    Prepared,
    Walker,
    keeps_statistics,
    points_read,
    prepared_in,
    unperturbed,
)
from .memory import fitting, in_memory, ran_out
from .modes import evaluating, has_fixed_mode
from .random import generator, noise_field, sample_ids
from .runs import lines, runs

__all__ = [
    "NEVER",
    "BlackBox",
    "Copies",
    "FftConv1d",
    "Prepared",
    "Walker",
    "accelerate",
    "evaluating",
    "fitting",
    "generator",
    "has_fixed_mode",
    "has_gradient",
    "in_memory",
    "keeps_statistics",
    "lines",
    "noise_field",
    "points_read",
    "prepared_in",
    "ran_out",
    "runs",
    "sample_ids",
    "unperturbed",
]
