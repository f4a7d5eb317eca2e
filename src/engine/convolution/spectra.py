"""Real Fourier transforms laid out as one matrix per frequency."""

from typing import Literal

from jaxtyping import Complex, Float
from torch import Tensor, fft

Norm = Literal["forward", "backward"]  # where 1/n stands


def transform_length(least: int) -> int:
    """The smallest 4·2^a·3^b·5^c·7^d that is at least `least`: FFTs of such lengths are fast."""
    quarter = max(1, -(-least // 4))
    while not _is_smooth(quarter):
        quarter += 1
    return 4 * quarter


def _is_smooth(number: int) -> bool:
    for prime in (2, 3, 5, 7):
        while number % prime == 0:
            number //= prime
    return number == 1


def analyse(
    frames: Float[Tensor, "a b n"], norm: Norm = "backward"
) -> Complex[Tensor, "frequency a b"]:
    """The spectra of frames, one contiguous matrix per frequency; without a gradient of its own."""
    found = fft.rfft(frames, norm=norm)
    return found.flatten(0, 1).t().contiguous().view(-1, *frames.shape[:2])


def synthesise(
    spectra: Complex[Tensor, "frequency a b"], n: int, norm: Norm = "backward"
) -> Float[Tensor, "a b n"]:
    """The frames of n samples that have these spectra; without a gradient of its own.

    torch transposes a contiguous matrix in blocks, but copies a permuted tensor four times slower.
    """
    shape = spectra.shape[1:]
    by_signal = spectra.contiguous().flatten(1).t().contiguous()
    return fft.irfft(by_signal.view(*shape, -1), n, norm=norm)
