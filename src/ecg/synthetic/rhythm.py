"""R peaks of an exact ECG, and its atrial activity where that does not lead the QRS complex."""

import numpy as np
from jaxtyping import Float, Int

from ..record import FS_HZ
from ..waves import R_INDEX
from .parameters import ATRIA, MS, RHYTHM, ExactParameters, stream
from .waves import laid

STRIP_LENGTH = 5000  # samples: 10 s at 500 Hz
# In atrial fibrillation RR is uniform within ± this share of its mean: an SD of 20 %, and never
# shorter than the longest QT at the highest rate.
AF_RR = 0.35
ATRIAL_RATE = (60.0, 100.0)  # 1/min, in complete AV block: sinus rhythm without conduction
# Fibrillatory waves are a sawtooth with slowly modulated rate and size (Stridh and Sörnmo 2001).
# Mean rate, its modulation, modulation frequency in Hz; largest size in V1 in µV: our own choice.
F_HZ, F_SWING_HZ, F_SLOW_HZ, F_UV = (5.0, 9.0), 0.5, (0.1, 0.4), (30.0, 120.0)
F_LEADS = np.array([0.2, 0.6, 1.0, 0.6, 0.3, 0.2, 0.15, 0.15])  # I, II, V1…V6
HARMONICS = 3  # of the sawtooth: those above 30 Hz are invisible


def r_peaks_of_beat(parameters: ExactParameters) -> Int[np.ndarray, "3"]:
    """R peaks of a beat and of its two neighbours, in samples of the beat."""
    rr = round(parameters.rr_samples)
    return np.array([-rr, 0, rr]) + R_INDEX


def r_peaks_of_strip(parameters: ExactParameters, rr_scatter: float) -> Int[np.ndarray, " beat"]:
    """R peaks in samples of the strip, including those outside whose waves reach into it."""
    rr = parameters.rr_samples
    count = int(STRIP_LENGTH / rr) + 3
    random = stream(parameters.seed, parameters.index, RHYTHM)
    if parameters.irregular:
        # Enough intervals to fill the strip even if all are short.
        distances = rr * (1.0 + random.uniform(-AF_RR, AF_RR, 2 * count))
    else:
        distances = rr * (1.0 + rr_scatter * np.clip(random.standard_normal(count), -2.0, 2.0))
    first = random.uniform(0.0, rr)
    peaks = np.round(first + np.cumsum(distances) - distances[0] - rr).astype(int)
    return peaks[: max(count, int(np.searchsorted(peaks, STRIP_LENGTH)) + 1)]


def rate_of(peaks: Int[np.ndarray, " beat"]) -> float:
    """Rate in 1/min: 60 000 / mean RR in ms of the R peaks inside the strip."""
    inside = peaks[(peaks >= 0) & (peaks < STRIP_LENGTH)]
    return 6e4 / (float(np.diff(inside).mean()) * MS)


def unled_atria(parameters: ExactParameters) -> Float[np.ndarray, "8 5000"]:
    """Fibrillatory waves, or P waves at their own rate, in µV in the independent leads."""
    random = stream(parameters.seed, parameters.index, ATRIA)
    if parameters.irregular:
        return _fibrillation(random)
    pp = 6e4 / random.uniform(*ATRIAL_RATE) / MS
    places = np.round(np.arange(random.uniform(-pp, 0.0), STRIP_LENGTH, pp)).astype(int)
    rows = [row for row, part in enumerate(parameters.parts) if part == "P"]
    waves = parameters.waves[rows]
    return laid(waves - waves[:, 0].min(), parameters.field[rows], places, STRIP_LENGTH)


def _fibrillation(random: np.random.Generator) -> Float[np.ndarray, "8 5000"]:
    time = np.arange(STRIP_LENGTH) / FS_HZ
    uv, hz = random.uniform(*F_UV), random.uniform(*F_HZ)
    size_hz, rate_hz = random.uniform(*F_SLOW_HZ, 2)
    size_phase, rate_phase, phase = random.uniform(0.0, 2.0 * np.pi, 3)
    swing = F_SWING_HZ / rate_hz * np.sin(2.0 * np.pi * rate_hz * time + rate_phase)
    angle = 2.0 * np.pi * hz * time + swing + phase
    saw = sum(np.sin(number * angle) / number for number in range(1, HARMONICS + 1))
    size = uv * (0.75 + 0.25 * np.sin(2.0 * np.pi * size_hz * time + size_phase))
    return F_LEADS[:, None] * (2.0 / np.pi) * size * saw
