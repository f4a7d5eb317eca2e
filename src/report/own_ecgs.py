"""ECGs that a user brings as an array: checked, named, and with the R peaks of strips."""

from numbers import Integral
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int8
from torch import Tensor

from ..datamodules import Batch
from ..ecg import (
    BEAT_LENGTH,
    FS_HZ,
    LEADS,
    R_PEAK,
    Record,
    UnusableRecord,
    checked_rate,
    median_beat,
)
from ..engine import sample_ids
from .own_numbers import numbers
from .text.numerals import counted

# µV; a QRS complex below it in every lead of every ECG is no ECG in µV.
SMALLEST_UV = 20.0
# A beat is shorter, a strip has several beats whose same points belong together.
LONGEST_BEAT_S = 2.6
# ECGs tried for another rate than the one given: PTB-XL's strips at 100 Hz look like long beats.
TRIED, OTHER_FS_HZ = 4, 100.0
BLOCK = 256  # ECGs checked at a time: 60 MB of strips
NAMED = 10  # flat ECGs in one line


def ecgs_of(x: Any, y: Any, target: Any, fs: Any = FS_HZ) -> Batch:
    """The ECGs (µV) as a batch with names made from their samples, and the R peaks of strips.

    Raises ValueError for what is not numbers of the right shape, for NaN, for flat ECGs, for ECGs
    that are not in µV, for a target that is no index, and for a rate `fs` below 100 Hz.
    """
    rate = checked_rate(fs, "fs")
    if not isinstance(target, Integral) or target < 0:
        raise ValueError(f"expected target as the index of an output, from 0 on, got {target!r}")
    signals = numbers(x, "x")
    shape = signals.shape
    if len(shape) != 3 or shape[0] < 2 or shape[1] != len(LEADS) or shape[2] == 0:
        raise ValueError(
            f"expected at least 2 ECGs of shape (batch, {len(LEADS)}, time) in µV with the leads "
            f"{', '.join(LEADS)}, got {tuple(shape)}"
        )
    # In blocks: the ECGs may be more than memory holds twice.
    blocks = signals.split(BLOCK)
    if not all(bool(torch.isfinite(each).all()) for each in blocks):
        raise ValueError("expected finite ECGs, got NaN or infinity")
    constant = torch.cat([(each == each[:, :1, :1]).flatten(1).all(1) for each in blocks])
    if flat := constant.nonzero().flatten().tolist():
        raise ValueError(
            "expected ECGs with a signal, got the same value everywhere in x at index "
            f"{', '.join(map(str, flat[:NAMED]))}{', …' * (len(flat) > NAMED)}; leave these out"
        )
    largest = max(float(each.abs().max()) for each in blocks)
    if largest < SMALLEST_UV:
        raise ValueError(
            f"expected ECGs in µV, got a largest value of {largest:.3g}: are they in mV, or "
            "normalised? Multiply mV by 1000; a network that reads anything but µV needs a Module "
            "around it that scales them, such as ecglens.models.InUnits"
        )
    records = list(sample_ids(signals))
    return Batch(signals, _truth(y, len(signals), int(target)), r_peaks_of(signals, rate), records)


def _truth(y: Any, ecgs: int, target: int) -> Float[Tensor, "batch target"]:
    """Labels in the column of the target; NaN where there are none."""
    truth = torch.full((ecgs, target + 1), torch.nan)
    if y is None:
        return truth
    given = numbers(y, "y").cpu()
    if given.shape == (ecgs,):
        truth[:, target] = given
    elif given.ndim == 2 and len(given) == ecgs and given.shape[1] > target:
        truth[:, target] = given[:, target]
    else:
        raise ValueError(
            f"expected y of shape ({ecgs},) or ({ecgs}, more than {target}), "
            f"got {tuple(given.shape)}"
        )
    return truth


def r_peaks_of(
    x: Float[Tensor, "batch lead time"], fs: float = FS_HZ
) -> Int8[Tensor, "batch time"]:
    """The R peaks of strips, none for beats and for strips in which none are found."""
    marks = torch.zeros((len(x), x.shape[2]), dtype=torch.int8)
    if x.shape[2] <= LONGEST_BEAT_S * fs:
        return marks
    for mark, signal in zip(marks, x.cpu().numpy(), strict=True):
        try:
            at_500_hz = median_beat(Record(signal, fs)).r_peaks
        except UnusableRecord:  # its points are disturbed one by one
            continue
        peaks = np.rint(at_500_hz * fs / FS_HZ).astype(int)
        # Aligned to the others, a beat that is cut off at an end has its R peak outside the strip.
        mark[torch.from_numpy(peaks[(peaks >= 0) & (peaks < len(mark))])] = R_PEAK
    return marks


def cautions(ecgs: Batch, fs: float = FS_HZ) -> list[str]:
    """Cautions about the ECGs, for the page."""
    found = []
    if _looks_like_strips(ecgs.x, fs):
        found.append(
            f"At {fs:g} Hz each of these ECGs is one beat of {ecgs.x.shape[2] / fs:g} s, but read "
            f"at {OTHER_FS_HZ:g} Hz they are strips of several: is fs={OTHER_FS_HZ:g} missing?"
        )
    if ecgs.x.shape[2] > LONGEST_BEAT_S * fs:
        without = int(((ecgs.segments & R_PEAK) == 0).all(1).sum())
        if without:
            found.append(
                f"In {counted(without, 'strip')} no beats were found; their points were disturbed "
                "one by one."
            )
    return found


def _looks_like_strips(x: Float[Tensor, "batch lead time"], fs: float) -> bool:
    """Whether ECGs taken for single beats have several at a rate of 100 Hz."""
    if fs == OTHER_FS_HZ or not BEAT_LENGTH < x.shape[2] <= LONGEST_BEAT_S * fs:
        return False
    marks = r_peaks_of(x[:TRIED], OTHER_FS_HZ)
    return bool((((marks & R_PEAK) != 0).sum(1) > 1).all())
