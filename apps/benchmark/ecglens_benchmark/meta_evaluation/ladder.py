"""ECGs and networks of which it is known whether a true map is about this ECG or a template.

Every network adds up how far the mean of one lead over a short window rises above a threshold. An
event is the only thing in the ECG that does so: a raised cosine that moves, that some ECGs lack,
that is at the same place in all of them or begins with this ECG's own P wave, and on strips the
wide complex of one premature beat.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count as numbers

import numpy as np
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import (
    FS_HZ,
    LEADS,
    R_PEAK,
    Segments,
    draw_exact,
    exact_beat,
    exact_record,
    segment_mask,
)
from jaxtyping import Float, Int8
from torch import Tensor, nn
from torch.nn import functional

from .maps import without_labels

LEAD = LEADS.index("V1")
# An event lasts 40 ms, a premature complex 160 ms: longer than any QRS complex of these ECGs.
EVENT, COMPLEX = 20, 80
# Sizes in µV, drawn evenly: the event is well above the noise and the threshold below its mean.
SIZES_UV = (600.0, 1200.0)
FIXED = 450  # the sample at which the event begins where it does not move: behind the T wave


class Above(nn.Module):
    """f = Σ_t max(mean of V1 over `width` samples from t − θ, 0), in µV."""

    kernel: Tensor

    def __init__(self, width: int, threshold_uv: float) -> None:
        super().__init__()
        self.width, self.threshold_uv = width, threshold_uv
        self.register_buffer("kernel", torch.full((1, 1, width), 1 / width))
        self.eval()

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch 1"]:
        return functional.relu(self._means(x) - self.threshold_uv).sum(-1)

    def truth(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch lead time"]:
        """The Aumann–Shapley share of each point from 0 µV: places open where αz = θ."""
        means = self._means(x)
        shares = functional.relu(means - self.threshold_uv) / means.clamp(min=self.threshold_uv)
        found = torch.zeros_like(x)
        found[:, LEAD] = functional.conv_transpose1d(shares, self.kernel)[:, 0]
        return found * x

    def _means(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch 1 place"]:
        return functional.conv1d(x[:, LEAD, None], self.kernel)


@dataclass(frozen=True)
class Known:
    """A network, its ECGs, and whether the true map is about each ECG (or a template of all)."""

    net: Above
    ecgs: Callable[[int], Batch]
    specific: bool


def event(start: int, size_uv: float, width: int = EVENT) -> Float[np.ndarray, "lead time"]:
    """A raised cosine in V1 of a median beat, zero elsewhere."""
    found = np.zeros((len(LEADS), 600), np.float32)
    found[LEAD, start : start + width] = size_uv * np.hanning(width + 2)[1:-1]
    return found


Place = Callable[[int, Segments], int]  # from a random sample and the marks to the first sample


def beats(count: int, place: Place, share: float = 1.0) -> Batch:
    """Exact median beats whose V1 holds an event alone, in this share of them."""
    signals, marks = [], []
    hearts = (draw_exact(1948, index) for index in numbers())
    with_p = (each for each in hearts if np.isfinite(each.marks.p_on))
    for index, heart in zip(range(count), with_p, strict=False):
        random = np.random.default_rng([1948, index])
        size, anywhere = random.uniform(*SIZES_UV), int(random.integers(0, 600 - EVENT))
        signal = exact_beat(heart).signal.copy()
        signal[LEAD] = 0
        if random.random() < share:
            signal += event(place(anywhere, heart.marks), size)
        signals.append(signal)
        marks.append(segment_mask(heart.marks, signal.shape[1]))
    return _batch(signals, marks)


def strips(count: int) -> Batch:
    """Exact 10-s strips in which one inner beat is followed early by a wide complex in V1.

    It has an R peak, and no marks of waves.
    """
    signals, masks = [], []
    for index in range(count):
        random = np.random.default_rng([1949, index])
        heart = draw_exact(1949, index)
        signal = exact_record(heart).signal.astype(np.float32).copy()
        found = _r_peaks(signal)
        at = int(random.integers(1, len(found) - 2))
        # Where the T wave of the beat before has ended: 0.62 of the interval.
        start = found[at] + round(0.62 * (found[at + 1] - found[at]))
        complexes = random.uniform(*SIZES_UV) * 2 * np.hanning(COMPLEX + 2)[1:-1]
        signal[LEAD, start : start + COMPLEX] += complexes
        signals.append(signal)
        marks = segment_mask(heart.marks, signal.shape[1], found)
        marks[start + COMPLEX // 2] |= R_PEAK
        masks.append(marks)
    return _batch(signals, masks)


def _r_peaks(signal: Float[np.ndarray, "lead time"]) -> list[int]:
    """The R peaks of a strip without noise: the largest sample of V5 in each run above half."""
    lead = signal[LEADS.index("V5")]
    high = np.flatnonzero(lead > lead.max() / 2)
    runs = np.split(high, np.flatnonzero(np.diff(high) > 0.2 * FS_HZ) + 1)
    return [int(run[lead[run].argmax()]) for run in runs]


def _batch(
    signals: Sequence[Float[np.ndarray, "lead time"]], marks: Sequence[Int8[np.ndarray, " time"]]
) -> Batch:
    names = [f"known-{signals[0].shape[1]}-{index}" for index in range(len(signals))]
    return without_labels(np.stack(signals), np.stack(marks), names)


_EVENT = Above(EVENT, 100.0)
KNOWN: Mapping[str, Known] = {
    "a wave that moves": Known(_EVENT, lambda n: beats(n, lambda at, _: at), True),
    "an event in half of the ECGs": Known(_EVENT, lambda n: beats(n, lambda at, _: at, 0.5), True),
    "one premature beat of a strip": Known(Above(COMPLEX, 400.0), strips, True),
    "a wave at one place": Known(_EVENT, lambda n: beats(n, lambda *_: FIXED), False),
    "a wave at P onset": Known(
        _EVENT, lambda n: beats(n, lambda _, marks: round(marks.p_on)), False
    ),
}
