"""What is wrong with a record, before any beat is looked for."""

import numpy as np
from jaxtyping import Bool, Float

from .leads import INDEPENDENT, INDEPENDENT_INDEX
from .record import Record, UnusableRecord

# Three beats at the slowest rate that is measured, 40/min, with their full windows.
MIN_SECONDS = 4.0
# Recorders resolve 1 to 5 µV: less than this is a line, not a heart.
FLAT_UV = 20.0
# A peak that is cut off stays at the lead's own lowest or highest value for this long. A whole LUDB
# lead does so at one place at most; of those cut at half their height, nine in ten do at seven.
PLATEAU_S, PLATEAUS = 0.008, 3
# An electrode that is off may hold a lead at the end of its range once, but for long.
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
    saturated = ~flat & _saturated(eight, max(4, round(PLATEAU_S * record.fs)))
    faults = _named(flat, "flat") | _named(saturated, "saturated")
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


def _saturated(eight: Float[np.ndarray, "8 time"], plateau: int) -> Bool[np.ndarray, "8"]:
    """Which leads stay at the end of their range, at several places or for long."""
    saturated = np.zeros(len(eight), bool)
    for end in (eight.min(axis=1, keepdims=True), eight.max(axis=1, keepdims=True)):
        at_end = eight == end
        suspects = np.flatnonzero(at_end.sum(axis=1) >= PLATEAUS * plateau)
        if not len(suspects):
            continue
        # A heart at rest is at rest in all leads at once: the baseline of a made ECG is no plateau.
        moving = np.append(True, (np.diff(eight, axis=1) != 0.0).any(axis=0))
        for lead in suspects:
            edges = np.flatnonzero(np.diff(np.pad(at_end[lead] & moving, 1).astype(np.int8)))
            lengths = edges[1::2] - edges[::2]
            many = np.sum(lengths >= plateau) >= PLATEAUS
            saturated[lead] |= many or lengths.sum() > SATURATED_SHARE * eight.shape[1]
    return saturated
