"""Fast arithmetic in torch, without any knowledge of ECGs: convolutions, copies, random streams."""

from .convolution import FftConv1d, accelerate
from .incremental import NEVER, Copies, Walker
from .modes import evaluating, has_fixed_mode
from .random import generator, noise_field, sample_ids
from .runs import lines, runs

__all__ = [
    "NEVER",
    "Copies",
    "FftConv1d",
    "Walker",
    "accelerate",
    "evaluating",
    "generator",
    "has_fixed_mode",
    "lines",
    "noise_field",
    "runs",
    "sample_ids",
]
