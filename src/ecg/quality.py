"""What is wrong with a record, before any beat is looked for."""

import numpy as np
from jaxtyping import Bool, Float

from .leads import INDEPENDENT, INDEPENDENT_INDEX
from .record import Record, UnusableRecord

# Three beats at the slowest rate that is measured, 40/min, with their full windows.
MIN_SECONDS = 4.0
# Recorders resolve 1 to 5 µV: less than this is a line, not a heart.
FLAT_UV = 20.0
# A lead at its own lowest or highest value for this share of the record has lost its peaks; a
# whole LUDB lead is there for 3 % at most.
SATURATED_SHARE = 0.1
# With fewer of the eight independent leads than this there is no 12-lead ECG.
MIN_LEADS = 5


def lead_faults(record: Record) -> dict[str, str]:
    """Leads that show no heart, with the reason; the beat is then read from the others.

    Raises UnusableRecord when the record is too short, zero, or fewer than five of the independent
    leads are left.
    """
    seconds = record.signal.shape[1] / record.fs
    if seconds < MIN_SECONDS:
        raise UnusableRecord(f"too short: expected at least {MIN_SECONDS:g} s, got {seconds:g} s")
    if not record.signal.any():
        raise UnusableRecord("all zero: every sample of every lead is 0 µV")
    eight = record.signal[list(INDEPENDENT_INDEX)]
    flat = np.ptp(eight, axis=1) < FLAT_UV
    faults = _named(flat, "flat") | _named(~flat & _saturated(eight), "saturated")
    if len(INDEPENDENT) - len(faults) < MIN_LEADS:
        kinds = " or ".join(sorted(set(faults.values())))
        which = ", ".join(lead for lead in INDEPENDENT if lead in faults)
        raise UnusableRecord(
            f"{kinds} leads: {which}; expected at least {MIN_LEADS} of {len(INDEPENDENT)} leads "
            "with a signal"
        )
    return faults


def _named(bad: Bool[np.ndarray, "8"], fault: str) -> dict[str, str]:
    return {lead: fault for lead, is_bad in zip(INDEPENDENT, bad, strict=True) if is_bad}


def _saturated(eight: Float[np.ndarray, "8 time"]) -> Bool[np.ndarray, "8"]:
    low, high = eight.min(axis=1, keepdims=True), eight.max(axis=1, keepdims=True)
    # A long stay at exactly 0 µV is the baseline of a made ECG, not the end of a recorder's range.
    at_low, at_high = ((eight == end) & (end != 0.0) for end in (low, high))
    return np.maximum(at_low.mean(axis=1), at_high.mean(axis=1)) > SATURATED_SHARE
