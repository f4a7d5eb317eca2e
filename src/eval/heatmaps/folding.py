"""Beats of a strip: samples folded onto one beat, and windows around R peaks.

A place is a point or a segment of neighbouring points. Our own definition. One point of a 10-s
strip is one of 60 000; the same point of all its beats is what one point of a median beat is.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int, Int8, Int64
from torch import Tensor

from ...ecg import FS_HZ, R_PEAK

# Of the interval between two R peaks the last two fifths go with the second: 400 ms for its P wave
# at 60/min, and 600 ms for the T wave of the first.
WITH_NEXT = 0.4


def beat_groups(segments: Int8[Tensor, " time"]) -> Int64[Tensor, " time"]:
    """The group (0, 1, …) of each sample; a group stands at one distance from its beats' R peaks.

    Every sample belongs to one beat. Before the first R peak and after the last one a beat more is
    supposed at the distance of its neighbour, for the waves whose R peak lies outside. With one R
    peak or none every sample is a group of its own.
    """
    return torch.unique(from_r_peak(segments), return_inverse=True)[1]


def aligned(
    segments: Int8[Tensor, " time"], donor: Int8[Tensor, " time"]
) -> Int64[Tensor, " time"]:
    """The donor's sample for each sample of an ECG: as far from the R peak of its middle beat.

    On median beats, where both have theirs at one place, and without R peaks, the same sample.
    """
    peaks = r_peaks(donor)
    if len(r_peaks(segments)) < 2 or len(peaks) < 2:
        return torch.arange(len(segments))
    return (peaks[len(peaks) // 2] + from_r_peak(segments)).clamp(0, len(donor) - 1)


def r_peaks(segments: Int8[Tensor, " time"]) -> Int64[Tensor, " peak"]:
    """The samples of the R peaks."""
    return torch.nonzero(segments.cpu() & R_PEAK).squeeze(1)


def from_r_peak(segments: Int8[Tensor, " time"]) -> Int64[Tensor, " time"]:
    """The distance of each sample from the R peak of its beat; its number where there is none."""
    samples = torch.arange(len(segments))
    peaks = r_peaks(segments)
    if len(peaks) < 2:
        return samples - peaks.sum()
    peaks = torch.cat([2 * peaks[:1] - peaks[1:2], peaks, 2 * peaks[-1:] - peaks[-2:-1]])
    begins = peaks[1:] - (WITH_NEXT * peaks.diff()).round().long()
    beat = torch.searchsorted(begins, samples, right=True)
    return samples - peaks[beat]


def segment_groups(
    groups: Int64[Tensor, " time"], segments: Int8[Tensor, " time"], width: int
) -> Int64[Tensor, " time"]:
    """The number of the segment of `width` neighbouring groups that each sample belongs to.

    One segment has the (first) R peak in its middle, so that it is not cut in two; without an R
    peak they begin at the first group.
    """
    peaks = r_peaks(segments)
    from_peak = groups - groups[peaks[0]] + width // 2 if len(peaks) else groups
    number = from_peak.div(width, rounding_mode="floor")
    return number - number.min()


def fold(
    heatmap: Float[Tensor, "lead time"], groups: Int64[Tensor, " time"]
) -> Float[Tensor, "lead group"]:
    """The sum of |heatmap| over each group: what a step that hits all its points is worth."""
    sizes = heatmap.abs()
    return sizes.new_zeros(len(sizes), int(groups.max()) + 1).index_add_(1, groups, sizes)


# As in Wagner 2024: P and T of one beat, and neither of the next up to 110 per minute.
BEFORE_MS, AFTER_MS = 300.0, 500.0
BEFORE, AFTER = (round(ms * FS_HZ / 1e3) for ms in (BEFORE_MS, AFTER_MS))
MOMENTS = np.arange(-BEFORE, AFTER + 1)  # samples from the R peak


def windows(values: np.ndarray, r_peaks: Sequence[int] | Int[np.ndarray, " beat"]) -> np.ndarray:
    """The cuts (…, beat, moment) out of values (…, time) that lie whole within the signal.

    A beat cut off would weigh its middle more than its ends.
    """
    length = values.shape[-1]
    whole = [peak for peak in r_peaks if BEFORE <= peak < length - AFTER]
    return values[..., np.array(whole, int)[:, None] + MOMENTS]
