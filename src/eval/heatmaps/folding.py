"""Beats of a strip: samples folded onto one beat, and windows around R peaks.

A place is a point or a segment of neighbouring points. Our own definition. One point of a 10-s
strip is one of 60 000; the same point of all its beats is what one point of a median beat is.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int, Int8, Int64, Real
from torch import Tensor

from ...ecg import BIT, FS_HZ, R_PEAK

# Wave marks of the samples of an ECG (a bit per wave), and a number for each sample.
Segments = Int8[Tensor, " time"]
PerSample = Int64[Tensor, " time"]

# Of the interval between two R peaks the last two fifths go with the second: 400 ms for its P wave
# at 60/min, and 600 ms for the T wave of the first.
WITH_NEXT = 0.4


def beat_groups(segments: Segments) -> PerSample:
    """The group (0, 1, …) of each sample; a group stands at one distance from its beats' R peaks.

    Every sample belongs to one beat. Before the first R peak and after the last one a beat more is
    supposed at the distance of its neighbour, for the waves whose R peak lies outside. With one R
    peak or none every sample is a group of its own.
    """
    return torch.unique(from_r_peak(segments), return_inverse=True)[1]


def aligned(segments: Segments, donor: Segments) -> PerSample:
    """The donor's sample for each sample of an ECG: as far from the R peak of its middle beat.

    On median beats, where both have theirs at one place, and without R peaks, the same sample.
    """
    peaks = r_peaks(donor)
    if len(r_peaks(segments)) < 2 or len(peaks) < 2:
        return torch.arange(len(segments))
    return (peaks[len(peaks) // 2] + from_r_peak(segments)).clamp(0, len(donor) - 1)


def r_peaks(segments: Segments) -> Int64[Tensor, " peak"]:
    """The samples of the R peaks."""
    return torch.nonzero(segments.cpu() & R_PEAK).squeeze(1)


def from_r_peak(segments: Segments) -> PerSample:
    """The distance of each sample from the R peak of its beat; its number where there is none."""
    return _beats(segments)[1]


def _beats(segments: Segments) -> tuple[PerSample, PerSample]:
    """The beat of each sample, −1 for the one supposed before the first, and from_r_peak."""
    samples = torch.arange(len(segments))
    peaks = r_peaks(segments)
    if len(peaks) < 2:
        return torch.zeros_like(samples), samples - peaks.sum()
    peaks = torch.cat([2 * peaks[:1] - peaks[1:2], peaks, 2 * peaks[-1:] - peaks[-2:-1]])
    begins = peaks[1:] - (WITH_NEXT * peaks.diff()).round().long()
    beat = torch.searchsorted(begins, samples, right=True)
    return beat - 1, samples - peaks[beat]


def segment_groups(groups: PerSample, segments: Segments, width: int) -> PerSample:
    """The number of the segment of `width` neighbouring groups that each sample belongs to.

    One segment has the (first) R peak in its middle, so that it is not cut in two; without an R
    peak they begin at the first group.
    """
    peaks = r_peaks(segments)
    from_peak = groups - groups[peaks[0]] + width // 2 if len(peaks) else groups
    number = from_peak.div(width, rounding_mode="floor")
    return number - number.min()


def fold(heatmap: Float[Tensor, "lead time"], groups: PerSample) -> Float[Tensor, "lead group"]:
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


LAID = ("P", "QRS", "T")  # waves that are laid on each other
# R peak (0), then onset and offset of each of LAID, in samples from the R peak.
Marks = Float[np.ndarray, "7"]


def wave_marks(segments: Segments) -> Float[np.ndarray, "beat 7"]:
    """Marks of each beat, NaN where there is none; without R peaks from the first sample.

    Waves that the ends of a strip cut off are left out.
    """
    peaks, length = r_peaks(segments).numpy(), len(segments)
    at = peaks if len(peaks) else np.zeros(1, int)
    found = np.full((len(at), 1 + 2 * len(LAID)), np.nan)
    found[:, 0] = 0.0 if len(peaks) else np.nan
    for place, wave in enumerate(LAID):
        marked = np.pad((segments.cpu().numpy() & BIT[wave]) != 0, 1)
        for on, after in np.flatnonzero(marked[1:] != marked[:-1]).reshape(-1, 2):
            beat = 0
            if len(at) > 1:
                # P before its R peak, T behind it, QRS around it.
                middle = (on + after - 1) / 2
                before = int(np.searchsorted(at, middle))
                nearest = int(np.abs(at - middle).argmin())
                beat = {"P": before, "QRS": nearest, "T": before - 1}[wave]
                if on == 0 or after == length or not 0 <= beat < len(at):
                    continue
            own = found[beat, 1 + 2 * place : 3 + 2 * place]
            own[0] = np.fmin(own[0], on - at[beat])
            own[1] = np.fmax(own[1], after - 1 - at[beat])
    return found


def typical_marks(each: Float[np.ndarray, "beat 7"]) -> Marks:
    """Median of each mark over the beats that have it; NaN where none has."""
    there = np.isfinite(each)
    pairs = zip(each.T, there.T, strict=True)
    return np.array([np.median(own[has]) if has.any() else np.nan for own, has in pairs])


def stretched(
    moments: Real[np.ndarray, " moment"], here: Marks, there: Marks, first: int, end: int
) -> Int64[np.ndarray, " moment"]:
    """The moment of another beat for each of this one's: P, QRS and T lie on P, QRS and T.

    Time is stretched linearly between the marks that both have, and before `first` and from `end`
    on it is not; nowhere where the marks are in another order.
    """
    both = np.isfinite(here) & np.isfinite(there)
    pairs = {(first - 1.0, first - 1.0), (float(end), float(end))}
    pairs |= set(zip(here[both].tolist(), there[both].tolist(), strict=True))
    at, to = np.array(sorted(pairs)).T
    if (np.diff(at) <= 0).any() or (np.diff(to) <= 0).any():
        return moments.astype(np.int64)
    return np.interp(moments, at, to).round().astype(np.int64)


def moments_by_waves(
    segments: Segments, marks: Float[np.ndarray, "beat 7"], there: Marks, first: int, end: int
) -> PerSample:
    """The moment of another patient's beat for each sample, each beat stretched by its own marks.

    `marks` are those of the ECG's beats (wave_marks). A beat without marks is not stretched.
    """
    beat, moments = (each.numpy() for each in _beats(segments))
    found = moments.copy()
    for number, own in enumerate(marks):
        inside = beat == number
        found[inside] = stretched(moments[inside], own, there, first, end)
    return torch.from_numpy(found)


def beat_marks(segments: Segments) -> Marks:
    """Marks of a median beat, in samples of it."""
    return wave_marks(segments)[0] + float(r_peaks(segments)[:1].sum())


def laid_by_waves(here: Marks, there: Marks, length: int) -> Int64[Tensor, " {length}"]:
    """The sample of another median beat for each of this one's, wave by wave (stretched)."""
    found = stretched(np.arange(length), here, there, 0, length)
    return torch.from_numpy(found).clamp(0, length - 1)
