"""Fast arithmetic, torch only; knows no ECG: random streams and the 1-D convolution."""

from .accelerate import accelerate
from .convolution import FftConv1d
from .streams import generator, noise_field, sample_ids

__all__ = ["FftConv1d", "accelerate", "generator", "noise_field", "sample_ids"]
