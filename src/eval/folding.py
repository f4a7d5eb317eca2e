"""Points that are hit together: on a strip, a step disturbs the same place of every beat.

Our own definition. One point of a 10-s strip is one of 60 000; the same point of all its beats is
what one point of a median beat is.
"""

import torch
from jaxtyping import Float, Int8, Int64
from torch import Tensor

from ..ecg.waves import R_PEAK

# Of the interval between two R peaks the last two fifths go with the second: 400 ms for its P wave
# at 60/min, and 600 ms for the T wave of the first.
BEFORE = 0.4


def beat_groups(segments: Int8[Tensor, " time"]) -> Int64[Tensor, " time"]:
    """The group (0, 1, …) of each sample; a group stands at one distance from its beats' R peaks.

    Every sample belongs to one beat. Before the first R peak and after the last one a beat more is
    supposed at the distance of its neighbour, for the waves whose R peak lies outside. With one R
    peak or none every sample is a group of its own.
    """
    samples = torch.arange(len(segments))
    peaks = torch.nonzero(segments.cpu() & R_PEAK).squeeze(1)
    if len(peaks) < 2:
        return samples
    peaks = torch.cat([2 * peaks[:1] - peaks[1:2], peaks, 2 * peaks[-1:] - peaks[-2:-1]])
    begins = peaks[1:] - (BEFORE * peaks.diff()).round().long()
    beat = torch.searchsorted(begins, samples, right=True)
    return torch.unique(samples - peaks[beat], return_inverse=True)[1]


def fold(
    heatmap: Float[Tensor, "lead time"], groups: Int64[Tensor, " time"]
) -> Float[Tensor, "lead group"]:
    """The sum of |heatmap| over each group: what a step that hits all its points is worth."""
    sizes = heatmap.abs()
    return sizes.new_zeros(len(sizes), int(groups.max()) + 1).index_add_(1, groups, sizes)
