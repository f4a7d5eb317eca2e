"""Amplitude spectrum of prepared ECGs: shows mains, filters and resampling."""

import numpy as np
from jaxtyping import Float

from ...ecg import FS_HZ
from .prepared import Prepared

# ECGs used: the standard error of a median over 500 is 6 % of the SD.
ECGS = 500
# Strips read at a time: 15 MB.
CHUNK = 64
# Samples per piece of a strip: a resolution of 0.5 Hz separates mains, five pieces are averaged.
PIECE = 1000


def median_spectrum(
    prepared: Prepared, ecgs: int = ECGS
) -> tuple[Float[np.ndarray, " frequency"], Float[np.ndarray, "12 frequency"]]:
    """Frequencies (Hz), and the median amplitude (µV) over ECGs per lead.

    A sine of amplitude 1 µV at one of these frequencies has the value 1 (Hann window). The spectrum
    of a strip is the root mean square over pieces of 2 s. If there are more than `ecgs` ECGs, that
    many are taken at equal distances.
    """
    rows = prepared.spread(ecgs)
    found = [_spectra(prepared.x(rows[at : at + CHUNK])) for at in range(0, len(rows), CHUNK)]
    spectra = np.concatenate(found)
    samples = 2 * (spectra.shape[-1] - 1)
    return np.fft.rfftfreq(samples, 1.0 / FS_HZ), np.median(spectra, axis=0)


def _spectra(x: Float[np.ndarray, "ecg 12 time"]) -> Float[np.ndarray, "ecg 12 frequency"]:
    length = min(PIECE, x.shape[-1])
    pieces = x[..., : x.shape[-1] // length * length].reshape(*x.shape[:2], -1, length)
    window = np.hanning(length + 1)[:-1]  # periodic window
    centred = pieces - pieces.mean(axis=-1, keepdims=True)
    power = np.abs(np.fft.rfft(centred * window)) ** 2
    return (2.0 / window.sum() * np.sqrt(power.mean(axis=2))).astype(np.float32)
