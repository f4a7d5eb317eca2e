"""ECGs that a user brings as an array: checked, named, and with the R peaks of strips."""

import numpy as np
import torch
from jaxtyping import Float, Int8, Real
from torch import Tensor

from ..datamodules import Batch
from ..ecg import LEADS, R_PEAK, Record, UnusableRecord, median_beat
from ..engine import sample_ids
from .numerals import counted

# µV; a QRS complex below it in every lead of every ECG is no ECG in µV.
SMALLEST_UV = 20.0
# Samples; a beat is shorter, a strip has several beats whose same points belong together.
LONGEST_BEAT = 1300


def ecgs_of(
    x: Real[np.ndarray | Tensor, "..."], y: Real[np.ndarray | Tensor, "..."] | None, target: int
) -> Batch:
    """The ECGs (µV) as a batch with names made from their samples, and the R peaks of strips.

    Raises ValueError for another shape and for NaN.
    """
    signals = torch.as_tensor(x).detach().to(torch.float32)
    if signals.ndim != 3 or signals.shape[1] != len(LEADS) or len(signals) < 2:
        raise ValueError(
            f"expected at least 2 ECGs of shape (batch, {len(LEADS)}, time) in µV with the leads "
            f"{', '.join(LEADS)}, got {tuple(signals.shape)}"
        )
    if not torch.isfinite(signals).all():
        raise ValueError("expected finite ECGs, got NaN or infinity")
    records = list(sample_ids(signals))
    return Batch(signals, _truth(y, len(signals), target), r_peaks_of(signals), records)


def _truth(
    y: Real[np.ndarray | Tensor, "..."] | None, ecgs: int, target: int
) -> Float[Tensor, "batch target"]:
    """The true values in the column of the target; NaN where there are none."""
    truth = torch.full((ecgs, target + 1), torch.nan)
    if y is None:
        return truth
    given = torch.as_tensor(y).detach().to("cpu", torch.float32)
    if given.shape == (ecgs,):
        truth[:, target] = given
    elif given.ndim == 2 and len(given) == ecgs and given.shape[1] > target:
        truth[:, target] = given[:, target]
    else:
        raise ValueError(
            f"expected true values of shape ({ecgs},) or ({ecgs}, more than {target}), "
            f"got {tuple(given.shape)}"
        )
    return truth


def r_peaks_of(x: Float[Tensor, "batch lead time"]) -> Int8[Tensor, "batch time"]:
    """The R peaks of strips, none for beats and for strips in which none are found."""
    marks = torch.zeros((len(x), x.shape[2]), dtype=torch.int8)
    if x.shape[2] <= LONGEST_BEAT:
        return marks
    for mark, signal in zip(marks, x.cpu().numpy(), strict=True):
        try:
            peaks = median_beat(Record(signal)).r_peaks
        except UnusableRecord:  # its points are disturbed one by one
            continue
        # Aligned to the others, a beat that is cut off at an end has its R peak outside the strip.
        mark[torch.from_numpy(peaks[(peaks >= 0) & (peaks < len(mark))])] = R_PEAK
    return marks


def cautions(ecgs: Batch) -> list[str]:
    """What is strange about the ECGs, for the page."""
    largest = float(ecgs.x.abs().max())
    found = []
    if largest < SMALLEST_UV:
        found.append(f"The largest value is {largest:.3g} µV: are these ECGs in mV?")
    if ecgs.x.shape[2] > LONGEST_BEAT:
        without = int(((ecgs.segments & R_PEAK) == 0).all(1).sum())
        if without:
            found.append(
                f"In {counted(without, 'strip')} no beats were found; their points were disturbed "
                "one by one."
            )
    return found
