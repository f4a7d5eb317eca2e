"""Long 1-D convolutions by FFT: a layer, and networks in which it replaces nn.Conv1d."""

from .accelerate import accelerate
from .frames import cuts, framed, joined
from .layer import FftConv1d, fft_pays
from .spectra import analyse, synthesise, transform_length

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
