"""Fast arithmetic, torch only; knows no ECG: random streams, modes and the 1-D convolution."""

from .accelerate import accelerate
from .convolution import FftConv1d
from .modes import evaluating
from .streams import generator, noise_field, sample_ids

__all__ = ["FftConv1d", "accelerate", "evaluating", "generator", "noise_field", "sample_ids"]
