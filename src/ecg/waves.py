"""The parts of a beat, its six fiducial points and the int8 mask that carries them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
from jaxtyping import Int8

# One bit a wave; PQ and ST are the segments between the waves.
WAVES = ("P", "PQ", "QRS", "ST", "T")
BIT = {name: 1 << position for position, name in enumerate(WAVES)}
# Set at the sample of each R peak; strips are folded on it.
R_PEAK = 1 << len(WAVES)

# Samples of a median beat before its R peak: 500 ms at 500 Hz.
R_INDEX = 250


@dataclass(frozen=True)
class Segments:
    """Where the waves begin and end: samples of the median beat, NaN where there is no wave.

    A wave's first point is its onset and its last point its offset; both belong to it.
    """

    p_on: float = nan
    p_off: float = nan
    qrs_on: float = nan
    qrs_off: float = nan
    t_on: float = nan
    t_off: float = nan
    r_peak: int = R_INDEX

    def edges(self) -> dict[str, tuple[float, float]]:
        """First and last sample of each part named in WAVES; (NaN, NaN) where it is absent."""
        return {
            "P": (self.p_on, self.p_off),
            "PQ": (self.p_off, self.qrs_on),
            "QRS": (self.qrs_on, self.qrs_off),
            "ST": (self.qrs_off, self.t_on),
            "T": (self.t_on, self.t_off),
        }


def segment_mask(
    segments: Segments, length: int, r_peaks: Sequence[int] | None = None
) -> Int8[np.ndarray, " length"]:
    """One int8 per sample with the bits of BIT, and R_PEAK at the R peak.

    On a strip the beat's marks are laid at each of `r_peaks` (samples of the strip); without it,
    once, where the median beat has them. What falls outside the signal is cut off.
    """
    mask = np.zeros(length, np.int8)
    peaks = (segments.r_peak,) if r_peaks is None else r_peaks
    for peak in peaks:
        shift = int(peak) - segments.r_peak
        for name, (on, off) in segments.edges().items():
            if isnan(on) or isnan(off):
                continue
            first, last = max(round(on) + shift, 0), round(off) + shift
            mask[first : max(last + 1, 0)] |= BIT[name]
        if 0 <= peak < length:
            mask[int(peak)] |= R_PEAK
    return mask
