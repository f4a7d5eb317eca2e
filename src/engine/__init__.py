"""Fast arithmetic, torch only; knows no ECG: random streams and the 1-D convolution."""

from .streams import generator, noise_field, sample_ids

__all__ = ["generator", "noise_field", "sample_ids"]
