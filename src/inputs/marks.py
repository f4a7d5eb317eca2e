"""Marks of the waves of ECGs that a user brings: given, or found by our own delineation."""

from dataclasses import asdict
from math import isnan
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float32, Int8
from torch import Tensor

from ..ecg import (
    BEAT_LENGTH,
    BIT,
    FS_HZ,
    R_INDEX,
    R_PEAK,
    Record,
    Segments,
    UnusableRecord,
    measure,
    median_beat,
    read_beat,
    segment_mask,
)

# A beat is shorter, a strip has several beats whose same points belong together.
LONGEST_BEAT_S = 2.6
RR_MS = 1000.0  # of a beat without its strip: 60/min
OF_A_WAVE = sum(BIT.values())
EVERY_BIT = OF_A_WAVE | R_PEAK

Mask = Int8[np.ndarray, " time"]


def is_strip(samples: int, fs: float) -> bool:
    """True for ECGs that are longer than a beat."""
    return samples > LONGEST_BEAT_S * fs


def found_marks(
    x: Float[Tensor, "batch lead time"], fs: float = FS_HZ
) -> Int8[Tensor, "batch time"]:
    """Masks of ecg.segment_mask by our own delineation; no waves where `why_without` says why."""
    marks = torch.zeros((len(x), x.shape[2]), dtype=torch.int8)
    for mark, signal in zip(marks, x.cpu().numpy(), strict=True):
        mark.copy_(torch.from_numpy(_found(signal, fs)[0]))
    return marks


def why_without(signal: Float[Tensor, "lead time"], fs: float = FS_HZ) -> str:
    """Reason why no waves are found in an ECG; "" where they are."""
    return _found(signal.cpu().numpy(), fs)[1]


def given_marks(marks: Any, x: Float[Tensor, "batch lead time"]) -> Int8[Tensor, "batch time"]:
    """Masks that came with the ECGs; beats without an R peak have it where the others have theirs.

    Raises ValueError for another shape than (batch, time), and for values that are no masks.
    """
    try:
        found = np.asarray(marks)
    except (TypeError, ValueError):  # lists of several lengths
        found = np.empty(0)
    wanted = (len(x), x.shape[2])
    if found.shape != wanted or found.dtype.kind not in "iu":
        raise ValueError(
            f"expected marks as int8 masks of shape {wanted}, as ecg.segment_mask gives one for an "
            f"ECG, got {found.dtype} of shape {found.shape}"
        )
    if found.size and not 0 <= found.min() <= found.max() <= EVERY_BIT:
        raise ValueError(
            f"expected marks with the bits of ecg.BIT and ecg.R_PEAK, 0 to {EVERY_BIT}, got values "
            f"from {found.min()} to {found.max()}"
        )
    masks = found.astype(np.int8)
    count = ((masks & R_PEAK) != 0).sum(1)
    if count.max(initial=0) == 1 and not count.all():
        usual = int(np.median(((masks[count > 0] & R_PEAK) != 0).argmax(1)))
        masks[count == 0, usual] |= R_PEAK
    return torch.from_numpy(masks)


def without_waves(segments: Int8[Tensor, "batch time"]) -> list[int]:
    """Index of each ECG without a mark of a wave."""
    return torch.nonzero(~((segments & OF_A_WAVE) != 0).any(1)).flatten().tolist()


def _found(signal: Float32[np.ndarray, "lead time"], fs: float) -> tuple[Mask, str]:
    return _of_strip(signal, fs) if is_strip(signal.shape[1], fs) else _of_beat(signal, fs)


def _of_strip(signal: Float32[np.ndarray, "lead time"], fs: float) -> tuple[Mask, str]:
    """Marks of the median beat at each R peak."""
    length = signal.shape[1]
    try:
        beat = median_beat(Record(signal, fs))
    except UnusableRecord as problem:  # its points are disturbed one by one
        return np.zeros(length, np.int8), str(problem)
    found = measure(beat)
    scale = fs / FS_HZ
    marks = {name: (at - R_INDEX) * scale for name, at in asdict(found.segments).items()}
    # Aligned to the others, a beat that is cut off at an end has its R peak outside the strip.
    peaks = np.rint(beat.r_peaks * scale).astype(int)
    mask = segment_mask(Segments(**marks | {"r_peak": 0}), length, peaks)
    return mask, found.reasons["qrs"] if isnan(found.segments.qrs_on) else ""


def _of_beat(signal: Float32[np.ndarray, "lead time"], fs: float) -> tuple[Mask, str]:
    """Marks of a beat whose R peak is where median beats have it."""
    length = signal.shape[1]
    mask = np.zeros(length, np.int8)
    if (length, fs) != (BEAT_LENGTH, FS_HZ):
        return mask, (
            f"a beat of {length} samples at {fs:g} Hz; waves are found in strips, and in beats of "
            f"{BEAT_LENGTH} samples at {FS_HZ:g} Hz with the R peak at sample {R_INDEX}"
        )
    _, marks = read_beat(signal, RR_MS)
    if not marks.qrs_on <= R_INDEX <= marks.qrs_off:
        mask[R_INDEX] = R_PEAK
        return mask, f"no QRS complex with clear edges around sample {R_INDEX}"
    return segment_mask(marks, length), ""
