"""The typical beat of a record: its dominant beats, aligned once over all leads."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from .filters import filtered, resampled, without_wander
from .leads import INDEPENDENT_INDEX, from_eight
from .pacing import pacing_spikes
from .quality import refuse_unusable
from .record import BEAT_LENGTH, HOUSE_FS_HZ, Record, UnusableRecord
from .rpeaks import r_peaks
from .waves import R_INDEX

MIN_BEATS = 3
# Half of the window on which beats are compared: holds a broad QRS complex.
HALF_QRS = 60  # samples
# How far a beat may be moved to fit the template.
MAX_SHIFT = 30  # samples
# Beats of one origin correlate above this over all leads; ectopic ones do not.
ALIKE = 0.9
# A beat this early is premature: its PR and T are not those of the rhythm.
PREMATURE = 0.8


@dataclass(frozen=True, eq=False)
class Beat:
    """A median beat at 500 Hz, µV, with what its measurements need to know of the rhythm.

    `r_peaks` are the R peaks of the whole record at 500 Hz and `used` those of `beats`, the single
    beats (8 independent leads, baseline removed) that the median was taken of; `spikes` are the
    pacing spikes as samples of the record at 500 Hz. `residual` is the typical distance (RMS over
    leads, µV) of a single beat from the median. A given beat has no single beats.
    """

    signal: Float32[np.ndarray, "12 600"]
    rr_ms: float
    r_peaks: Int[np.ndarray, " peak"]
    used: Int[np.ndarray, " beat"]
    beats: Float32[np.ndarray, "beat 8 600"]
    spikes: Int[np.ndarray, " spike"]
    residual: float
    fs: float = HOUSE_FS_HZ
    r_index: int = R_INDEX

    @property
    def n_beats(self) -> int:
        """How many single beats the median was taken of."""
        return len(self.beats)


def median_beat(record: Record) -> Beat:
    """The median of a record's dominant beats, −500 … +700 ms around the R peak.

    Every sample is a median of real signal: a beat whose window does not lie inside the record is
    left out, and at high rates the window shows the neighbouring beats. The median is taken of the
    eight independent leads and the others follow from them, so that Einthoven's law holds. A
    record's given beat is returned as it is. Raises UnusableRecord when there are no three beats.
    """
    if record.beat is not None:
        return _given(record, record.beat)
    refuse_unusable(record)
    raw = resampled(record.signal[list(INDEPENDENT_INDEX)].astype(float), record.fs)
    found = r_peaks(raw)
    if len(found) < MIN_BEATS:
        raise UnusableRecord(f"noise or standstill: {len(found)} beats found, 3 are needed")
    peaks, alike = aligned(filtered(raw, 1.0, 40.0), found)
    rr = float(np.mean(np.diff(peaks)))
    used = peaks[_chosen(peaks, alike, raw.shape[1])]
    if len(used) < MIN_BEATS:
        raise UnusableRecord(
            f"too few beats: {len(used)} of {len(found)} are alike and lie wholly inside the "
            f"record, {MIN_BEATS} are needed"
        )
    beats = windows(without_wander(raw), used - R_INDEX, BEAT_LENGTH)
    median = np.median(beats, axis=0)
    return Beat(
        signal=from_eight(median).astype(np.float32),
        rr_ms=rr * 1e3 / HOUSE_FS_HZ,
        r_peaks=peaks,
        used=used,
        beats=beats.astype(np.float32),
        spikes=pacing_spikes(raw),
        residual=float(np.sqrt(np.median(np.mean((beats - median) ** 2, axis=1)))),
    )


def _given(record: Record, signal: Float32[np.ndarray, "12 600"]) -> Beat:
    """The record's own median beat; the rhythm is still read from the strip where there is one."""
    try:
        found = median_beat(replace(record, beat=None))
    except UnusableRecord:
        none = np.empty(0, int)
        beats = np.empty((0, 8, BEAT_LENGTH), np.float32)
        rr_ms = 6e4 / record.labels["rate"] if "rate" in record.labels else float("nan")
        return Beat(signal, rr_ms, none, none, beats, none, residual=float("nan"))
    return replace(found, signal=signal)


def windows(
    signal: Float[np.ndarray, "lead time"], starts: Int[np.ndarray, " beat"], length: int
) -> Float[np.ndarray, "beat lead {length}"]:
    """Equal pieces of a signal, all of them inside it."""
    view = np.lib.stride_tricks.sliding_window_view(signal, length, axis=1)
    return view[:, starts].swapaxes(0, 1)


def aligned(
    eight: Float[np.ndarray, "8 time"], found: Int[np.ndarray, " beat"]
) -> tuple[Int[np.ndarray, " peak"], Bool[np.ndarray, " peak"]]:
    """R peaks moved onto the dominant beat, and which beats look like it, over all leads at once.

    The dominant beat is the one that most others resemble (of equals, the one most alike to them);
    its R peak is where the leads together deflect most.
    """
    margin = HALF_QRS + MAX_SHIFT
    padded = np.pad(eight, ((0, 0), (margin, margin)))  # for comparing only
    wide = windows(padded, found, 2 * margin)
    shift, likeness = best_shift(wide, wide[:, :, MAX_SHIFT:-MAX_SHIFT])
    votes = (likeness >= ALIKE).sum(1) + likeness.mean(1)
    dominant = int(np.argmax(votes))
    member = likeness[dominant] >= ALIKE
    first = windows(padded, found + MAX_SHIFT + shift[dominant], 2 * HALF_QRS)
    template = np.median(first[member], axis=0)
    shift, likeness = best_shift(wide, template[None])
    summit = int(np.argmax(np.sum(template**2, axis=0))) - HALF_QRS
    return found + shift[0] + summit, likeness[0] >= ALIKE


def best_shift(
    wide: Float[np.ndarray, "beat lead wide"], templates: Float[np.ndarray, "template lead narrow"]
) -> tuple[Int[np.ndarray, "template beat"], Float[np.ndarray, "template beat"]]:
    """Shift (samples, within ± MAX_SHIFT) of best correlation with each template, and its value.

    Both are taken over all leads together, each lead free of its own mean in the template.
    """
    length = wide.shape[-1]
    centred = templates - templates.mean(-1, keepdims=True)
    spectrum = np.fft.rfft(wide)
    filters = np.conj(np.fft.rfft(centred, length))
    product = np.einsum("blf,tlf->tbf", spectrum, filters, optimize=True)
    covariance = np.fft.irfft(product, length)[..., : 2 * MAX_SHIFT + 1]
    narrow = templates.shape[-1]
    norm = np.sqrt(_window_energy(wide, narrow) * np.sum(centred**2, axis=(1, 2))[:, None, None])
    correlation = covariance / np.maximum(norm, np.finfo(float).tiny)
    best = correlation.argmax(-1)
    value = np.take_along_axis(correlation, best[..., None], -1)[..., 0]
    return best - MAX_SHIFT, value


def _window_energy(
    wide: Float[np.ndarray, "beat lead wide"], narrow: int
) -> Float[np.ndarray, "beat shift"]:
    """Energy around the mean of every window of `narrow` samples, summed over leads."""
    sums = np.pad(np.cumsum(wide, -1), ((0, 0), (0, 0), (1, 0)))
    squares = np.pad(np.cumsum(wide**2, -1), ((0, 0), (0, 0), (1, 0)))
    total = sums[..., narrow:] - sums[..., :-narrow]
    energy = squares[..., narrow:] - squares[..., :-narrow] - total**2 / narrow
    return energy.sum(1)


def _chosen(
    peaks: Int[np.ndarray, " peak"], alike: Bool[np.ndarray, " peak"], length: int
) -> Bool[np.ndarray, " peak"]:
    """Dominant beats with their whole window in the record, without premature ones if possible."""
    inside = (peaks >= R_INDEX) & (peaks - R_INDEX + BEAT_LENGTH <= length)
    before = np.diff(peaks, prepend=-length)
    timely = alike & inside & (before >= PREMATURE * np.median(np.diff(peaks)))
    return timely if timely.sum() >= MIN_BEATS else alike & inside
