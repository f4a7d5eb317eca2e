"""Why a record holds no usable ECG."""

import numpy as np
from jaxtyping import Float

from .leads import INDEPENDENT, INDEPENDENT_INDEX
from .record import Record, UnusableRecord

# Three beats at the slowest rate that is measured, 40/min, need 3 s and their full windows.
MIN_SECONDS = 4.0
# The least significant bit of most recorders is 1 to 5 µV: less than this is a line, not a heart.
FLAT_UV = 20.0
# A lead stuck at its own extreme for this share of the record has lost its peaks.
SATURATED_SHARE = 0.1
# More than this share of one second's leads without any signal: electrodes were off.


def refuse_unusable(record: Record) -> None:
    """Raises UnusableRecord when the record is too short, zero, flat or saturated."""
    seconds = record.signal.shape[1] / record.fs
    if seconds < MIN_SECONDS:
        raise UnusableRecord(f"too short: expected at least {MIN_SECONDS:g} s, got {seconds:.1f} s")
    if not record.signal.any():
        raise UnusableRecord("all zero: every sample of every lead is 0 µV")
    eight = record.signal[list(INDEPENDENT_INDEX)]
    _refuse("flat", np.ptp(eight, axis=1) < FLAT_UV, f"less than {FLAT_UV:g} µV from low to high")
    _refuse(
        "saturated",
        _share_at_extreme(eight) > SATURATED_SHARE,
        f"more than {SATURATED_SHARE:.0%} of the samples at the lowest or highest value",
    )


def _refuse(fault: str, leads: np.ndarray, meaning: str) -> None:
    if leads.any():
        names = [name for name, bad in zip(INDEPENDENT, leads, strict=True) if bad]
        which = "every lead" if leads.all() else f"lead {', '.join(names)}"
        raise UnusableRecord(f"{fault}: {meaning} in {which}")


def _share_at_extreme(signal: Float[np.ndarray, "lead time"]) -> Float[np.ndarray, " lead"]:
    low, high = signal.min(1, keepdims=True), signal.max(1, keepdims=True)
    return np.maximum((signal == low).mean(1), (signal == high).mean(1))


def noise_floor_uv(beats: Float[np.ndarray, "beat lead time"]) -> float:
    """Typical difference of a single beat from the median beat, RMS over leads, µV."""
    return float(np.sqrt(np.median(np.var(beats, axis=0))))
