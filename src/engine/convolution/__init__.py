"""Long 1-D convolutions by FFT: a layer, and networks in which it replaces nn.Conv1d."""

from .layer import FftConv1d, accelerate, fft_pays
from .transforms import analyse, cuts, framed, joined, synthesise, transform_length

__all__ = [
    "FftConv1d",
    "accelerate",
    "analyse",
    "cuts",
    "fft_pays",
    "framed",
    "joined",
    "synthesise",
    "transform_length",
]
