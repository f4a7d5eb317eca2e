"""Fast arithmetic in torch, without any knowledge of ECGs: convolutions, copies, random streams."""

from .black_box import (
    BlackBox,
    evaluating,
    fitting,
    has_fixed_mode,
    has_gradient,
    in_memory,
    one_thread,
    ran_out,
)
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
from .precision import full_precision
from .random import generator, lines, noise_field, runs, sample_ids

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
    "full_precision",
    "generator",
    "has_fixed_mode",
    "has_gradient",
    "in_memory",
    "keeps_statistics",
    "lines",
    "noise_field",
    "one_thread",
    "points_read",
    "prepared_in",
    "ran_out",
    "runs",
    "sample_ids",
    "unperturbed",
]
