"""Masks of the samples around fiducial points and within waves, from the marks of a beat."""

from collections.abc import Sequence
from math import isnan

import numpy as np
from jaxtyping import Bool, Int

from .record import FS_HZ
from .waves import BIT, Segments, segment_mask

# Distance (ms) up to which a sample belongs to an edge: an interval is decided at its two edges,
# not between them. Our own definition; cardiologists differ by about as much at the end of T.
AROUND_MS = 20.0

RPeaks = Sequence[int] | Int[np.ndarray, " peak"] | None


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
    peaks = None if r_peaks is None else [int(peak) for peak in r_peaks]
    return (segment_mask(marks, length, peaks) & bits) != 0
