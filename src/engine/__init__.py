"""Fast arithmetic, torch only; knows no ECG: random streams, convolutions, perturbed copies."""

from .accelerate import accelerate
from .convolution import FftConv1d
from .copies import NEVER, Copies
from .modes import evaluating
from .runs import lines, runs
from .streams import generator, noise_field, sample_ids
from .walker import Walker

__all__ = [
    "NEVER",
    "Copies",
    "FftConv1d",
    "Walker",
    "accelerate",
    "evaluating",
    "generator",
    "lines",
    "noise_field",
    "runs",
    "sample_ids",
]
