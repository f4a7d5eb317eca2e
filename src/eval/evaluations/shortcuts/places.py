"""Places of an ECG without a heart's signal, which a network could use all the same."""

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Bool, Float, Int8

from ....ecg import BIT, FS_HZ, INDEPENDENT_INDEX, WAVES, pacing_spikes

ECG = Float[np.ndarray, "lead time"]
Waves = Int8[np.ndarray, " time"]
Mask = Bool[np.ndarray, "lead time"]

# Zero padding of the reference network's long kernels (50 samples at 250 Hz) reaches this far in.
EDGE_MS = 100.0
# A recorder's filters spread a pulse over some samples: 4 at 500 Hz, as `pacing_spikes` has it.
SPIKE_MS = 8.0
# No lead stays on one value through a P wave and a QRS complex while others move for the length of
# a QRS complex at least.
FLAT_MS, MOVING_MS = 200.0, 80.0
# A calibration pulse is a rectangle of 1 mV (0.5 mV on half scale) for 200 ms, alike in every lead
# (Kligfield et al. 2007): its middle is found, the filtered corners are not asked for.
PULSE_MS, PULSE_UV, PULSE_SPREAD = 80.0, 400.0, 0.1


def tp_baseline(x: ECG, waves: Waves) -> Mask:
    """The samples that belong to no wave, nor to PQ or ST; none where no wave is known.

    Of a median beat the marks are those of its own beat: a neighbour's wave at the end counts too.
    """
    known = (waves & sum(BIT[name] for name in WAVES)) != 0
    return np.broadcast_to(~known & known.any(), x.shape)


def edges(x: ECG, waves: Waves) -> Mask:
    """The first and last 100 ms of the window."""
    mask, around = np.zeros(x.shape, bool), _samples(EDGE_MS)
    mask[:, :around] = mask[:, -around:] = True
    return mask


def spikes(x: ECG, waves: Waves) -> Mask:
    """Within 8 ms of a pacing spike, in all leads."""
    mask, around = np.zeros(x.shape, bool), _samples(SPIKE_MS)
    for place in pacing_spikes(x[list(INDEPENDENT_INDEX)].astype(float)):
        mask[:, max(place - around, 0) : place + around + 1] = True
    return mask


def no_signal(x: ECG, waves: Waves) -> Mask:
    """Samples where a lead shows no heart: it is constant while others move, or is calibrated."""
    return disconnected(x) | calibration(x)


def disconnected(x: ECG) -> Mask:
    """Runs of 200 ms and more in which a lead stays on one value, if most others move for 80 ms.

    A heart at rest is at rest in all leads at once: the baseline of a made ECG is no fault.
    """
    still = np.diff(x, axis=1) == 0
    moving = still.mean(0) < 0.5
    mask = np.zeros(x.shape, bool)
    for lead, (first, last) in _runs(still, _samples(FLAT_MS) - 1):
        if moving[first:last].sum() >= _samples(MOVING_MS):
            mask[lead, first : last + 1] = True  # n equal samples are n − 1 steps of 0
    return mask


def calibration(x: ECG) -> Mask:
    """Pulses of at least 0.4 mV and 80 ms that are alike, within a tenth, in every lead."""
    middle = x.mean(0)
    alike = (middle > PULSE_UV) & (np.ptp(x, axis=0) <= PULSE_SPREAD * middle)
    mask = np.zeros(x.shape, bool)
    for _, (first, last) in _runs(alike[None], _samples(PULSE_MS)):
        mask[:, first:last] = True
    return mask


PLACES: Mapping[str, Callable[[ECG, Waves], Mask]] = {
    "tp": tp_baseline,
    "edges": edges,
    "spikes": spikes,
    "no_signal": no_signal,
}


def _samples(ms: float) -> int:
    return round(ms * FS_HZ / 1e3)


def _runs(flags: Bool[np.ndarray, "row time"], least: int) -> list[tuple[int, tuple[int, int]]]:
    """Row, first and one past the last sample of each run of at least `least` samples."""
    found = []
    for row, line in enumerate(flags):
        ends = np.flatnonzero(np.diff(np.pad(line, 1).astype(np.int8)))
        pairs = zip(ends[::2], ends[1::2], strict=True)
        found += [(row, (int(a), int(b))) for a, b in pairs if b - a >= least]
    return found
