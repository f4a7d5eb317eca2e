"""Exact ECGs: sums of waves that are zero outside their support, so that all labels are true.

Definition, fixed before anything was measured on these ECGs: a wave is a bump that rises from zero
at the first sample of its support to its peak and falls back to zero at the last sample of its
support. Its **onset is the first and its offset the last sample of the support**, both with the
value zero. The QRS complex is the union of Q, R and S; its onset is the onset of Q and R, its
offset that of S. PR, QRS and QT are differences of these points, even though a wave rises smoothly.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Float32, Int

from ..leads import from_eight
from ..record import BEAT_LENGTH, FS_HZ, Record
from .parameters import NOISE, ExactParameters, stream
from .rhythm import STRIP_LENGTH, r_peaks_of_beat, r_peaks_of_strip, rate_of, unled_atria
from .waves import laid


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
    is always 20 %, and the label of the rate is that of this strip.
    """
    peaks = r_peaks_of_strip(parameters, rr_scatter)
    signal = _beating(parameters, peaks, STRIP_LENGTH)
    if not parameters.conducted:
        signal += unled_atria(parameters)
    signal = _twelve(signal, parameters, noise_uv)
    record = _record(parameters, signal, exact_beat(parameters).signal, peaks)
    if not parameters.irregular:
        return record
    return replace(record, labels={**record.labels, "rate": rate_of(peaks)})


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
