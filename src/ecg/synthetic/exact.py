"""Exact ECGs: sums of waves that are zero outside their support, so that all labels are true.

Definition, fixed before anything was measured on these ECGs: a wave is a bump that rises from zero
at the first sample of its support to its peak and falls back to zero at the last sample of its
support. Its **onset is the first and its offset the last sample of the support**, both with the
value zero. The QRS complex is the union of Q, R and S; its onset is the onset of Q and R, its
offset that of S. PR, QRS and QT are differences of these points, even though a wave rises smoothly.
"""

from dataclasses import replace
from math import isnan

import numpy as np
from jaxtyping import Float, Float32, Int

from ..record import Record, from_eight
from ..waves import BEAT_LENGTH, FS_HZ, R_INDEX
from .kinds import ATRIA, KINDS, MS, NOISE, PARTS, RHYTHM, ExactParameters, stream


def bumps(
    waves: Int[np.ndarray, "wave 3"], samples: Int[np.ndarray, " time"]
) -> Float[np.ndarray, "wave time"]:
    """Raised cosines of height 1 over each (onset, peak, offset), exactly zero outside."""
    on, peak, off = (waves[:, edge, None].astype(float) for edge in range(3))
    width = np.where(samples < peak, peak - on, off - peak)
    distance = np.minimum(np.abs(samples - peak) / width, 1.0)
    return 0.5 * (1.0 + np.cos(np.pi * distance)) * (distance < 1.0)


def laid(
    waves: Int[np.ndarray, "wave 3"],
    field: Float[np.ndarray, "wave 8"],
    places: Int[np.ndarray, " place"],
    length: int,
) -> Float[np.ndarray, "8 length"]:
    """Signal of the waves at every place, with their amplitudes in each lead; overlaps are summed.

    `waves` are samples relative to a place.
    """
    first, last = int(waves[:, 0].min()), int(waves[:, 2].max())
    beat = field.T @ bumps(waves, np.arange(first, last + 1))
    signal = np.zeros((field.shape[1], length))
    for place in places:
        start = int(place) + first
        low, high = max(start, 0), min(start + beat.shape[1], length)
        if low < high:
            signal[:, low:high] += beat[:, low - start : high - start]
    return signal


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


def unled_atria(parameters: ExactParameters) -> Float[np.ndarray, "8 5000"]:
    """Fibrillatory waves, or P waves at their own rate, in µV in the independent leads."""
    random = stream(parameters.seed, parameters.index, ATRIA)
    if parameters.irregular:
        return _fibrillation(random)
    pp = 6e4 / random.uniform(*ATRIAL_RATE) / MS
    places = np.round(np.arange(random.uniform(-pp, 0.0), STRIP_LENGTH, pp)).astype(int)
    rows = parameters.rows("P")
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


def exact_beat(parameters: ExactParameters, noise_uv: float = 0.0) -> Record:
    """One exact beat (12, 600), with the parts of its neighbours that lie in the window.

    The record has the beat as its given beat too; labels and marks are true. `noise_uv` is the SD
    of white noise in the eight independent leads. Atrial activity that does not lead the QRS
    complex is absent: it cancels out in a median.
    """
    peaks = r_peaks_of_beat(parameters)
    signal = _twelve(_beating(parameters, peaks, BEAT_LENGTH), parameters, noise_uv)
    return _record(parameters, signal, signal, peaks)


def exact_record(
    parameters: ExactParameters, noise_uv: float = 0.0, rr_scatter: float = 0.0
) -> Record:
    """A 10-s strip (12, 5000) of exact beats; its given beat is the exact beat without noise.

    `rr_scatter` is the SD of the RR intervals as a share of their mean. In atrial fibrillation it
    is always 20 %. Where RR intervals differ, the label of the rate is that of the R peaks inside
    this strip.
    """
    peaks = r_peaks_of_strip(parameters, rr_scatter)
    signal = _beating(parameters, peaks, STRIP_LENGTH)
    if not parameters.conducted:
        signal += unled_atria(parameters)
    signal = _twelve(signal, parameters, noise_uv)
    record = _record(parameters, signal, exact_beat(parameters).signal, peaks)
    if not (parameters.irregular or rr_scatter):
        return record
    inside = peaks[(peaks >= 0) & (peaks < STRIP_LENGTH)]
    rate = 6e4 / (float(np.diff(inside).mean()) * MS)
    return replace(record, labels={**record.labels, "rate": rate})


def _beating(
    parameters: ExactParameters, peaks: Int[np.ndarray, " beat"], length: int
) -> Float[np.ndarray, "8 length"]:
    """Waves of each heart beat, placed at its R peak."""
    rows = parameters.beating
    return laid(parameters.waves[rows], parameters.field[rows], peaks, length)


def _twelve(
    eight: Float[np.ndarray, "8 time"], parameters: ExactParameters, noise_uv: float
) -> Float32[np.ndarray, "12 time"]:
    if noise_uv:
        noise = stream(parameters.seed, parameters.index, NOISE)
        eight = eight + noise_uv * noise.standard_normal(eight.shape)
    return from_eight(eight).astype(np.float32)


def _record(
    parameters: ExactParameters, signal: np.ndarray, beat: np.ndarray, peaks: np.ndarray
) -> Record:
    return Record(
        signal,
        fs=FS_HZ,
        id=f"exact-{parameters.seed}-{parameters.index}",
        patient=f"exact-{parameters.seed}-{parameters.index}",
        labels=parameters.labels,
        beat=beat,
        marks=parameters.marks,
        r_peaks=peaks,
    )


INTERVALS, AMPLITUDES = ("pr", "qrs", "qt"), {"r": "R", "j": "ST", "t": "T"}


def with_change(parameters: ExactParameters, label: str, by: float) -> ExactParameters:
    """ECG with this label increased by `by` (ms, or µV in lead V5) and no other changed.

    PR: the whole P wave moves. QRS: the last waves of the complex end later, and so does J; T
    stays. QT: T ends later. R, T: the wave grows in every lead in proportion; beside one that has
    shrunk another may be higher in V5. J, which may be 0 µV: ST changes in each lead by its usual
    share of that in V5. Raises ValueError for another label, a PR without a conducted P wave, a
    fraction of a sample (2 ms), or too little room, also where nothing of R or T would be left.
    """
    if label in AMPLITUDES:
        return _grown(parameters, label, by)
    if label not in INTERVALS:
        known = ", ".join((*INTERVALS, *AMPLITUDES))
        raise ValueError(f"expected a label of {known} to change, got {label!r}")
    samples = by / MS
    if samples != round(samples):
        raise ValueError(f"expected a change of whole samples of {MS:g} ms, got {by:g} ms")
    if label == "pr" and not parameters.conducted:
        raise ValueError(f"expected a P wave that leads QRS, got {parameters.kind}: it has no PR")
    waves = _moved(parameters, label, round(samples))
    changed = replace(parameters, waves=waves)
    if (np.diff(waves) <= 0).any() or not _alone(parameters, changed, label, by):
        raise ValueError(f"expected room for a {label.upper()} changed by {by:g} ms, got none")
    return changed


def _grown(parameters: ExactParameters, label: str, by: float) -> ExactParameters:
    field, row = parameters.field.copy(), PARTS.index(AMPLITUDES[label])
    if label == "j":
        field[row] += by * KINDS[parameters.kind].leads[row]
        return replace(parameters, field=field)
    share = 1.0 + by / parameters.labels[label]
    if share <= 0:
        raise ValueError(f"expected room for {label.upper()} changed by {by:g} µV, got none")
    field[parameters.rows("T") if label == "t" else [row]] *= share  # T with its notch
    return replace(parameters, field=field)


def _moved(parameters: ExactParameters, label: str, samples: int) -> Int[np.ndarray, "wave 3"]:
    """Waves after a change of one interval."""
    waves = parameters.waves.copy()
    if label == "pr":
        waves[parameters.rows("P")] -= samples
        return waves
    rows = np.array(parameters.rows(*("QRS" if label == "qrs" else "T")))
    ends = waves[rows, 2]
    waves[rows[ends == ends.max()], 2] += samples
    if label == "qrs":
        waves[parameters.rows("ST"), 1] += samples  # ST has its height, J, at the end of QRS
    return waves


def _alone(before: ExactParameters, after: ExactParameters, label: str, by: float) -> bool:
    """True if only this label has changed, by `by`, and P still ends before QRS."""
    was, now = before.labels, after.labels
    moved = [name for name in was if now[name] != was[name] and not isnan(was[name])]
    apart = isnan(after.marks.p_off) or after.marks.p_off <= after.marks.qrs_on
    return moved == [label] and now[label] - was[label] == by and apart
