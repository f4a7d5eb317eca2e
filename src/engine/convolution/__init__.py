"""Long 1-D convolutions by FFT and means of pairs: layers, and networks in which they stand."""

from typing import TYPE_CHECKING

from ...extras import lazy

if TYPE_CHECKING:
    from .layer import FASTER, FastAvgPool1d, FftConv1d, accelerate, averages, fft_pays, margins
    from .transforms import analyse, cuts, framed, joined, synthesise, transform_length

__getattr__, __dir__, __all__ = lazy(__name__)
