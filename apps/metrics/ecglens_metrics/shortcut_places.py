"""Places and bands without a heart, and the share of a map that lies there."""

from collections.abc import Callable, Mapping

import numpy as np
from ecglens.ecg import BIT, FS_HZ, INDEPENDENT_INDEX, WAVES, pacing_spikes, runs_of
from jaxtyping import Bool, Float, Int8
from scipy.fft import dct

from .yardstick import share

Maps = Float[np.ndarray, "ecg lead time"]
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
    return [
        (row, (first, behind))
        for row, line in enumerate(flags)
        for first, behind in runs_of(line).tolist()
        if behind - first >= least
    ]


Shares = Float[np.ndarray, " ecg"]
Band = tuple[tuple[float, float], ...]  # Hz, both ends included

MAINS: Band = ((49.0, 51.0), (59.0, 61.0))  # 50 and 60 Hz, and what a grid drifts
# A map multiplied by the ECG is a product of two oscillations of f, which lies at 0 and 2f.
MAINS_OF_MAP: Band = (*MAINS, (98.0, 102.0), (118.0, 122.0))
# Monitors cut here (Kligfield et al. 2007); above it a QRS has little, generators their artefacts.
FAST: Band = ((40.0, FS_HZ / 2),)
MAP_BANDS: Mapping[str, Band] = {"mains_map": MAINS_OF_MAP, "fast_map": FAST}
SIGNAL_BANDS: Mapping[str, Band] = {"mains_signal": MAINS, "fast_signal": FAST}


def share_within(maps: Maps, masks: Bool[np.ndarray, "ecg lead time"]) -> Shares:
    """Σ|map| over the mask as a share of Σ|map|; NaN for a map of zeros or an empty mask."""
    size = np.abs(maps).astype(np.float64)
    within = share((size * masks).sum((1, 2)), size.sum((1, 2)))
    return np.where(masks.any((1, 2)), within, np.nan)


def share_of_points(masks: Bool[np.ndarray, "ecg lead time"]) -> Shares:
    """The share of the points that a mask has: that of a map which knows nothing; NaN for none."""
    return np.where(masks.any((1, 2)), masks.mean((1, 2)), np.nan)


def power_in(maps: Maps, band: Band) -> Shares:
    """The share of the band in the power of a map about its mean in each lead; NaN for no power.

    By the cosine transform, which continues a lead by its mirror image: the ends make no step whose
    power would lie at all frequencies. Orthonormal, so that the powers add up to Σ map².
    """
    power = _spectra(maps)[..., 1:] ** 2
    return share(power[..., _within(band, maps)[1:]].sum((1, 2)), power.sum((1, 2)))


def share_of_bins(maps: Maps, band: Band) -> Shares:
    """`power_in` of white noise: the share of the frequencies."""
    return np.full(len(maps), _within(band, maps)[1:].mean())


def signal_in(maps: Maps, x: Maps, band: Band) -> Shares:
    """The share of the band in Σ_k |A_k X_k|, map times ECG by frequency; NaN where all is 0.

    Where the map is a gradient, A_k X_k is what frequency k contributes to Σ x·∇f (Parseval), as if
    the network read the ECG through an inverse transform (Vielhaben et al. 2024, section 3).
    """
    parts = np.abs(_spectra(maps) * _spectra(x))
    return share(parts[..., _within(band, maps)].sum((1, 2)), parts.sum((1, 2)))


def share_of_signal(x: Maps, band: Band) -> Shares:
    """Mean of `signal_in` for white maps: the share of the band in Σ_k |X_k|."""
    size = np.abs(_spectra(x))
    return share(size[..., _within(band, x)].sum((1, 2)), size.sum((1, 2)))


def _spectra(values: Maps) -> Maps:
    return np.asarray(dct(values.astype(np.float64), axis=-1, norm="ortho"))


def _within(band: Band, of: np.ndarray) -> Bool[np.ndarray, " frequency"]:
    length = of.shape[-1]
    hz = np.arange(length) * (FS_HZ / 2 / length)
    return np.any([(hz >= low) & (hz <= high) for low, high in band], axis=0)
