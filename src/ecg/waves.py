"""Waves and segments of a beat, its six fiducial points, masks of them, and sums over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
from jaxtyping import Bool, Float, Int, Int8

# One bit per wave; PQ and ST are the segments between the waves.
WAVES = ("P", "PQ", "QRS", "ST", "T")
BIT = {name: 1 << position for position, name in enumerate(WAVES)}
# The same, and what belongs to no wave or segment: the TP baseline.
SEGMENTS = (*WAVES, "TP")
# Set at the sample of each R peak, on which strips are folded.
R_PEAK = 1 << len(WAVES)

# Rate of every beat and measurement, as in the study of 2025.
FS_HZ = 500.0
BEAT_LENGTH = 600  # samples: −500 … +700 ms around the R peak
R_INDEX = 250  # samples of a median beat before its R peak: 500 ms
# Distance (ms) up to which a sample belongs to an edge: an interval is decided at its two edges,
# not between them. Our own definition; cardiologists differ by about as much at the end of T.
AROUND_MS = 20.0

RPeaks = Sequence[int] | Int[np.ndarray, " peak"] | None


@dataclass(frozen=True)
class Segments:
    """Onsets and offsets of the waves in samples of the median beat, NaN if there is no wave.

    Onset and offset are the first and the last sample of a wave; both belong to it.
    """

    p_on: float = nan
    p_off: float = nan
    qrs_on: float = nan
    qrs_off: float = nan
    t_on: float = nan
    t_off: float = nan
    r_peak: int = R_INDEX

    def edges(self) -> dict[str, tuple[float, float]]:
        """First and last sample of each of WAVES; (NaN, NaN) for an absent one."""
        return {
            "P": (self.p_on, self.p_off),
            "PQ": (self.p_off, self.qrs_on),
            "QRS": (self.qrs_on, self.qrs_off),
            "ST": (self.qrs_off, self.t_on),
            "T": (self.t_on, self.t_off),
        }


def segment_mask(
    segments: Segments, length: int, r_peaks: RPeaks = None
) -> Int8[np.ndarray, " length"]:
    """Mask with the bits of BIT per sample, and R_PEAK at the R peak.

    For a strip, `r_peaks` are samples of it, and the marks of the beat are placed at each. For a
    median beat, `r_peaks` is None. Marks outside the signal are cut off.
    """
    mask = np.zeros(length, np.int8)
    for peak in (segments.r_peak,) if r_peaks is None else r_peaks:
        shift = int(peak) - segments.r_peak
        for name, (on, off) in segments.edges().items():
            if isnan(on) or isnan(off):
                continue
            first, last = max(round(on) + shift, 0), round(off) + shift
            mask[first : max(last + 1, 0)] |= BIT[name]
        if 0 <= peak < length:
            mask[int(peak)] |= R_PEAK
    return mask


def edge_mask(
    marks: Segments, edges: Sequence[str], length: int, r_peaks: RPeaks = None
) -> Bool[np.ndarray, " length"]:
    """Mask of the samples within 20 ms of these fiducial points ("P_on", "QRS_off" …).

    For a strip the marks are placed at each of `r_peaks`. An edge that does not exist is skipped.
    """
    mask = np.zeros(length, bool)
    around = round(AROUND_MS * FS_HZ / 1e3)
    for peak in (marks.r_peak,) if r_peaks is None else r_peaks:
        for edge in edges:
            place = getattr(marks, edge.lower())
            if not isnan(place):
                middle = round(place) + int(peak) - marks.r_peak
                mask[max(middle - around, 0) : max(middle + around + 1, 0)] = True
    return mask


def wave_mask(
    marks: Segments, waves: Sequence[str], length: int, r_peaks: RPeaks = None
) -> Bool[np.ndarray, " length"]:
    """Mask of the samples of these waves (ecg.WAVES) with their edges; as for `edge_mask`."""
    bits = sum(BIT[wave] for wave in set(waves))
    return (segment_mask(marks, length, r_peaks) & bits) != 0


# Samples of a piece of a strip, 1.5 s, which has a beat even at 40/min: the median over pieces is
# free of artefacts.
PIECE = 750


def pieces(signal: Float[np.ndarray, "*lead time"]) -> Float[np.ndarray, "*lead piece 750"]:
    """Whole pieces of a strip at 500 Hz."""
    whole = signal[..., : signal.shape[-1] // PIECE * PIECE]
    return whole.reshape(*signal.shape[:-1], -1, PIECE)


def runs_of(mask: Bool[np.ndarray, " time"]) -> Int[np.ndarray, "run 2"]:
    """First sample of each run of True, and the one behind it."""
    return np.flatnonzero(np.diff(np.pad(mask, 1).astype(np.int8))).reshape(-1, 2)


def wave_sums(
    values: Float[np.ndarray, "*map ecg lead time"], segments: Int8[np.ndarray, "ecg time"]
) -> Float[np.ndarray, "*map ecg lead segment"]:
    """Sums over P, PQ, QRS, ST, T and TP, of all beats; an edge counts for both its neighbours."""
    bits = np.array([*BIT.values()], np.int8)
    within = (segments[:, :, None] & bits) != 0
    within = np.concatenate([within, ~within.any(-1, keepdims=True)], -1)
    sums = values @ within.astype(np.float64)
    return np.where(np.any(within, axis=1, keepdims=True), sums, np.nan)


def wave_shares(
    maps: Float[np.ndarray, "ecg lead time"], segments: Int8[np.ndarray, "ecg time"]
) -> Float[np.ndarray, "ecg lead segment"]:
    """Share of Σ |map| in each segment of each lead; NaN for a segment that the ECG lacks.

    A fiducial point belongs to both segments it divides, so that the sum is a little above 1.
    """
    magnitude = np.abs(maps.astype(np.float64))
    whole = magnitude.sum((1, 2))[:, None, None]
    sums = wave_sums(magnitude, segments)
    return np.divide(sums, whole, out=np.full(sums.shape, np.nan), where=whole > 0)
