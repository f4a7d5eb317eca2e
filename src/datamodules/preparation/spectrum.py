"""How much of each frequency the ECGs hold: mains, filters and resampling show there."""

import numpy as np
from jaxtyping import Float

from .prepared import Prepared
from .table import FS_HZ

# ECGs whose spectra are kept at once; of 500 the standard error of a median is 6 % of the SD.
ECGS = 500
# Strips read at once: 15 MB.
CHUNK = 64
# Samples of a piece: mains stand apart at 0.5 Hz, and five pieces of a strip calm its spectrum.
PIECE = 1000


def median_spectrum(
    prepared: Prepared, ecgs: int = ECGS
) -> tuple[Float[np.ndarray, " frequency"], Float[np.ndarray, "12 frequency"]]:
    """Frequencies (Hz), and per lead the median over ECGs of the amplitude there (µV).

    A sine of amplitude 1 µV on one of these frequencies has the value 1 (Hann window). Of a strip
    it is the root mean square over pieces of 2 s. Of more than `ecgs` ECGs, those at equal
    distances in the source are taken.
    """
    rows = prepared.spread(ecgs)
    found = [_spectra(prepared.x(rows[at : at + CHUNK])) for at in range(0, len(rows), CHUNK)]
    spectra = np.concatenate(found)
    samples = 2 * (spectra.shape[-1] - 1)
    return np.fft.rfftfreq(samples, 1.0 / FS_HZ), np.median(spectra, axis=0)


def _spectra(x: Float[np.ndarray, "ecg 12 time"]) -> Float[np.ndarray, "ecg 12 frequency"]:
    length = min(PIECE, x.shape[-1])
    pieces = x[..., : x.shape[-1] // length * length].reshape(*x.shape[:2], -1, length)
    window = np.hanning(length + 1)[:-1]  # periodic, so that it fits whole periods
    centred = pieces - pieces.mean(axis=-1, keepdims=True)
    power = np.abs(np.fft.rfft(centred * window)) ** 2
    return (2.0 / window.sum() * np.sqrt(power.mean(axis=2))).astype(np.float32)
