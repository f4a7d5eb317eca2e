"""Long 1-D convolutions by FFT: a layer, and networks in which it replaces nn.Conv1d."""

from typing import TYPE_CHECKING

from ...extras import lazy

if TYPE_CHECKING:
    from .layer import FftConv1d, accelerate, fft_pays, margins
    from .transforms import analyse, cuts, framed, joined, synthesise, transform_length

__getattr__, __dir__, __all__ = lazy(__name__)
