"""Maps as a function of lead and time from the R peak, averaged over patients and laid on ECGs."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from .folding import r_peaks
from .probe import Probe

# Kept before and after the R peak of a strip's beats: the whole beat from a rate of 40/min on, of
# which 2/5 of the interval lie before the R peak (heatmaps.folding).
BEFORE_MS, AFTER_MS = 600.0, 1000.0


@dataclass(frozen=True)
class Frame:
    """Samples from the R peak that a beat is kept for: `first` … `first + length − 1`."""

    first: int
    length: int

    @classmethod
    def of(cls, probe: Probe) -> "Frame":
        """The whole ECG of one beat; on strips BEFORE_MS before to AFTER_MS after the R peak."""
        if probe.strips:
            before, after = (round(ms * probe.fs / 1e3) for ms in (BEFORE_MS, AFTER_MS))
            return cls(-before, before + after)
        peaks = [int(r_peaks(one).sum()) for one in probe.ecgs.segments]  # 0 where there is none
        return cls(-max(peaks), probe.ecgs.x.shape[2] + max(peaks) - min(peaks))

    def places(self, offsets: Int64[Tensor, " time"]) -> Int64[Tensor, " time"]:
        """The place in the frame of samples at these distances from the R peak; −1 outside it."""
        places = offsets - self.first
        return torch.where((places >= 0) & (places < self.length), places, -1)


def beat_of_map(
    heatmap: Float[Tensor, "lead time"], places: Int64[Tensor, " time"], length: int
) -> Float[Tensor, "lead {length}"]:
    """Mean of |heatmap| over beats, by place in the beat; it adds up to 1, or to 0 if all is 0."""
    inside = places >= 0
    sizes = heatmap.abs()[:, inside]
    found = sizes.new_zeros(len(sizes), length).index_add_(1, places[inside], sizes)
    found /= places[inside].bincount(minlength=length).clamp(min=1)
    return found / found.sum().clamp(min=torch.finfo(found.dtype).tiny)


def laid(
    beat: Float[Tensor, "lead moment"], places: Int64[Tensor, " time"]
) -> Float[Tensor, "lead time"]:
    """The beat at each R peak of an ECG; 0 outside the frame."""
    return torch.where(places >= 0, beat[:, places.clamp(min=0)], 0.0)
