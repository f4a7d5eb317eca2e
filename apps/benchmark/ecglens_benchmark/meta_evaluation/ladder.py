"""ECGs and networks of which it is known whether a true map is about this ECG or a template.

Every network adds up how far the mean of one lead over a short window rises above a threshold. An
event is the only thing in the ECG that does so: a raised cosine that moves, that some ECGs lack, or
that is at the same place in all of them, and on strips the wide complex of one premature beat.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import FS_HZ, LEADS, R_PEAK, draw_exact, exact_beat, exact_record
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

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


def beats(count: int, moves: bool, share: float = 1.0) -> Batch:
    """Exact median beats whose V1 holds an event alone, in this share of them."""
    signals = []
    for index in range(count):
        random = np.random.default_rng([1948, index])
        size, start = random.uniform(*SIZES_UV), int(random.integers(0, 600 - EVENT))
        signal = exact_beat(draw_exact(1948, index)).signal.copy()
        signal[LEAD] = 0
        if random.random() < share:
            signal += event(start if moves else FIXED, size)
        signals.append(signal)
    return _batch(np.stack(signals), [[250]] * count)


def strips(count: int) -> Batch:
    """Exact 10-s strips in which one inner beat is followed early by a wide complex in V1."""
    signals, peaks = [], []
    for index in range(count):
        random = np.random.default_rng([1949, index])
        record = exact_record(draw_exact(1949, index))
        signal = record.signal.astype(np.float32).copy()
        found = _r_peaks(signal)
        at = int(random.integers(1, len(found) - 2))
        # Where the T wave of the beat before has ended: 0.62 of the interval.
        start = found[at] + round(0.62 * (found[at + 1] - found[at]))
        complexes = random.uniform(*SIZES_UV) * 2 * np.hanning(COMPLEX + 2)[1:-1]
        signal[LEAD, start : start + COMPLEX] += complexes
        signals.append(signal)
        peaks.append(sorted([*found, start + COMPLEX // 2]))
    return _batch(np.stack(signals), peaks)


def _r_peaks(signal: Float[np.ndarray, "lead time"]) -> list[int]:
    """The R peaks of a strip without noise: the largest sample of V5 in each run above half."""
    lead = signal[LEADS.index("V5")]
    high = np.flatnonzero(lead > lead.max() / 2)
    runs = np.split(high, np.flatnonzero(np.diff(high) > 0.2 * FS_HZ) + 1)
    return [int(run[lead[run].argmax()]) for run in runs]


def _batch(signals: Float[np.ndarray, "ecg lead time"], peaks: list[list[int]]) -> Batch:
    segments = np.zeros((len(signals), signals.shape[2]), np.int8)
    for one, places in zip(segments, peaks, strict=True):
        one[places] = R_PEAK
    names = [f"known-{signals.shape[2]}-{index}" for index in range(len(signals))]
    unknown = torch.full((len(signals), 1), torch.nan)
    return Batch(torch.from_numpy(signals), unknown, torch.from_numpy(segments), names)


KNOWN: Mapping[str, Known] = {
    "a wave that moves": Known(Above(EVENT, 100.0), lambda n: beats(n, moves=True), True),
    "an event in half of the ECGs": Known(
        Above(EVENT, 100.0), lambda n: beats(n, moves=True, share=0.5), True
    ),
    "one premature beat of a strip": Known(Above(COMPLEX, 400.0), strips, True),
    "a wave at one place": Known(Above(EVENT, 100.0), lambda n: beats(n, moves=False), False),
}
