"""Median beat of a record, from its dominant beats, aligned over all leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Bool, Complex, Float, Float32, Int

from .filters import filtered, without_wander
from .interruptions import Interruption, interruptions, overlap
from .quality import at_500_hz, fault_flags, judged, lead_faults, pacing_spikes
from .record import (
    INDEPENDENT_INDEX,
    Record,
    UnusableRecord,
    from_eight,
    missing_leads,
    without_leads,
)
from .waves import BEAT_LENGTH, FS_HZ, R_INDEX, pieces

# Most of the energy of QRS; P and T are below, muscle and pacing spikes mostly above.
QRS_BAND_HZ = (5.0, 30.0)
# About the width of a QRS complex, so that its slopes merge into one peak.
SMOOTHING_S = 0.08
# No two ventricular beats are closer (214/min); a T wave is not counted as a beat.
REFRACTORY_S = 0.28
# Lowest beat as a share of the typical height: ectopic beats are rarely smaller.
THRESHOLD = 0.4
# A lower peak this soon after a beat is its T wave (Pan and Tompkins 1985).
T_WITHIN_S, T_SHARE = 0.36, 0.6
# Smallest ratio of a typical beat's speed to the median of the record: at least 4.4 in LUDB, 1.3 in
# noise, 1 in mains hum.
STANDS_OUT = 2.5


def r_peaks(qrs_band: Float[np.ndarray, "8 time"]) -> Int[np.ndarray, " beat"]:
    """Samples near the middle of each QRS complex of eight leads at 500 Hz in the QRS band.

    Empty when nothing stands out, as in noise.
    """
    # They take a second, and who reads networks alone needs none.
    from scipy.ndimage import uniform_filter1d
    from scipy.signal import find_peaks

    slope = np.diff(qrs_band, axis=1, append=qrs_band[:, -1:])
    speed = uniform_filter1d(np.sqrt(np.mean(slope**2, axis=0)), int(SMOOTHING_S * FS_HZ))
    # A single artefact cannot raise a median over pieces of 1.5 s.
    top = float(np.median(pieces(speed).max(axis=1)))
    if top < STANDS_OUT * np.median(speed):
        return np.empty(0, int)
    height, distance = THRESHOLD * top, int(REFRACTORY_S * FS_HZ)
    peaks, found = find_peaks(speed, height=height, distance=distance)
    gap, share = np.diff(peaks), found["peak_heights"][1:] / found["peak_heights"][:-1]
    is_t_wave = (gap < T_WITHIN_S * FS_HZ) & (share < T_SHARE)
    return peaks[~np.append(False, is_t_wave)] if len(peaks) else peaks


# Half of the window in which beats are compared: contains a broad QRS complex.
HALF_QRS = 60  # samples
# Largest shift of a beat onto the template.
MAX_SHIFT = 30  # samples
# Beats of one origin have a higher correlation over all leads; ectopic ones a lower.
ALIKE = 0.9
# Beats that are compared with all others at a time: more than 10 s have, so that a long recording
# takes memory in proportion to its length (all at once, the 2500 beats of half an hour took 9 GB).
AT_ONCE = 64


def windows(
    signal: Float[np.ndarray, "lead time"], starts: Int[np.ndarray, " beat"], length: int
) -> Float[np.ndarray, "beat lead {length}"]:
    """Equal pieces of a signal, all of them inside it."""
    view = np.lib.stride_tricks.sliding_window_view(signal, length, axis=1)
    return view[:, starts].swapaxes(0, 1)


def median_of(beats: Float[np.ndarray, "beat *rest"]) -> Float[np.ndarray, "*rest"]:
    """Median over the first axis; for few rows, sorting is twice as fast as np.median."""
    ordered, half = np.sort(beats, axis=0), len(beats) // 2
    return ordered[half] if len(beats) % 2 else (ordered[half - 1] + ordered[half]) / 2


def median_of_few(beats: Float[np.ndarray, "beat *rest"]) -> Float[np.ndarray, "*rest"]:
    """Median over the first axis for up to ten long rows, 20 times as fast for five.

    Odd-even transposition sort (Knuth 1998, section 5.3.4) with one round per row.
    """
    rows = list(beats)
    for turn in range(len(rows)):
        for left in range(turn % 2, len(rows) - 1, 2):
            pair = rows[left], rows[left + 1]
            rows[left], rows[left + 1] = np.minimum(*pair), np.maximum(*pair)
    half = len(rows) // 2
    return rows[half] if len(rows) % 2 else (rows[half - 1] + rows[half]) / 2


def aligned(
    eight: Float[np.ndarray, "8 time"], found: Int[np.ndarray, " peak"]
) -> tuple[Int[np.ndarray, " peak"], Bool[np.ndarray, " peak"]]:
    """R peaks aligned with the dominant beat, and which beats resemble it.

    The dominant beat is the one that most other beats resemble (in a tie, the one with the highest
    mean correlation). Its R peak is at the largest deflection of all leads together.
    """
    margin = HALF_QRS + MAX_SHIFT
    padded = np.pad(eight, ((0, 0), (margin, margin)))  # for comparing only
    wide = windows(padded, found, 2 * margin)
    search = Search.of(wide)
    shift, likeness = _dominant(search, wide[:, :, MAX_SHIFT:-MAX_SHIFT])
    start = (found + MAX_SHIFT + shift)[likeness >= ALIKE]
    template = median_of(windows(padded, start, 2 * HALF_QRS))
    shift, likeness = search.best_shift(template[None])
    summit = int(np.argmax(np.sum(template**2, axis=0))) - HALF_QRS
    return found + shift[0] + summit, likeness[0] >= ALIKE


def _dominant(
    search: "Search", narrow: Float[np.ndarray, "beat lead narrow"]
) -> tuple[Int[np.ndarray, " beat"], Float[np.ndarray, " beat"]]:
    """Shifts of all beats onto the dominant one, and how much they resemble it."""
    found = []
    for at in range(0, len(narrow), AT_ONCE):
        shift, likeness = search.best_shift(narrow[at : at + AT_ONCE])
        votes = (likeness >= ALIKE).sum(axis=1) + likeness.mean(axis=1)
        best = int(np.argmax(votes))
        found.append((votes[best], shift[best], likeness[best]))
    # The first of equal ones, as among the beats of one pass.
    _, shift, likeness = max(found, key=lambda each: each[0])
    return shift, likeness


def distance(
    eight: Float[np.ndarray, "8 time"],
    peaks: Int[np.ndarray, " peak"],
    beat: Float[np.ndarray, "8 600"],
) -> int:
    """Samples from these R peaks to the R peak of `beat`; one number, as they are aligned."""
    margin = HALF_QRS + MAX_SHIFT
    padded = np.pad(eight, ((0, 0), (margin, margin)))
    typical = median_of(windows(padded, peaks, 2 * margin))
    qrs = beat[:, R_INDEX - HALF_QRS : R_INDEX + HALF_QRS]
    shift, _ = Search.of(typical[None]).best_shift(qrs[None])
    return int(shift[0, 0])


@dataclass(frozen=True)
class Search:
    """Beats in which a template is searched for: their spectra, and the energy of each window."""

    length: int
    spectrum: Complex[np.ndarray, "frequency lead beat"]
    energy: Float[np.ndarray, "beat shift"]

    @classmethod
    def of(cls, wide: Float[np.ndarray, "beat lead wide"]) -> "Search":
        """Search in beats with a margin of MAX_SHIFT samples on both sides."""
        narrow = 2 * HALF_QRS
        sums = np.cumsum(np.stack((wide, wide**2)), axis=-1)
        total, squares = np.concatenate(
            (sums[..., narrow - 1 : narrow], sums[..., narrow:] - sums[..., :-narrow]), axis=-1
        )
        energy = (squares - total**2 / narrow).sum(axis=1)  # around each lead's own mean
        spectrum = np.fft.rfft(wide).transpose(2, 1, 0)
        return cls(wide.shape[-1], np.ascontiguousarray(spectrum), energy)

    def best_shift(
        self, templates: Float[np.ndarray, "template lead narrow"]
    ) -> tuple[Int[np.ndarray, "template beat"], Float[np.ndarray, "template beat"]]:
        """Shift (samples) with the highest correlation over all leads, and its value."""
        centred = templates - templates.mean(axis=-1, keepdims=True)
        filters = np.conj(np.fft.rfft(centred, self.length)).transpose(2, 0, 1)
        product = np.fft.irfft(filters @ self.spectrum, self.length, axis=0)
        covariance = product[: 2 * MAX_SHIFT + 1].transpose(1, 2, 0)
        norm = np.sqrt(self.energy * np.sum(centred**2, axis=(1, 2))[:, None, None])
        correlation = covariance / np.maximum(norm, np.finfo(float).tiny)
        best = correlation.argmax(axis=-1)
        value = np.take_along_axis(correlation, best[..., None], axis=-1)[..., 0]
        return best - MAX_SHIFT, value


MIN_BEATS = 3
# A beat after less than this share of RR is premature: its PR and T are not those of the rhythm.
PREMATURE = 0.8


@dataclass(frozen=True, eq=False)
class Beat:
    """A median beat at 500 Hz in µV, with the facts about the rhythm that measurements need.

    `r_peaks` are the R peaks of the whole record at 500 Hz; `used` are those of `beats`, the single
    beats (8 independent leads, baseline removed) whose median this is. `interrupted` are gaps and
    jumps of the strip, which may hide beats. `spikes` are pacing spikes in samples of the record at
    500 Hz. `lead_faults` are the leads without a signal and the reason, `findings` all findings
    about the record (Quality.flags). `residual` is the typical distance (RMS over leads, µV) of a
    single beat from the median. `given` marks a beat that came with the record: its `beats` are
    those of the strip, or none without a strip.
    """

    signal: Float32[np.ndarray, "12 600"]
    rr_ms: float
    r_peaks: Int[np.ndarray, " peak"]
    used: Int[np.ndarray, " beat"]
    beats: Float32[np.ndarray, "beat 8 600"]
    spikes: Int[np.ndarray, " spike"]
    residual: float
    lead_faults: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    given: bool = False
    fs: float = FS_HZ
    interrupted: tuple[Interruption, ...] = ()

    @property
    def n_beats(self) -> int:
        """Number of single beats in the median."""
        return len(self.beats)

    @property
    def rr(self) -> Int[np.ndarray, " interval"]:
        """RR intervals in samples (`rr_intervals`)."""
        return rr_intervals(self.r_peaks, self.interrupted)


def rr_intervals(
    peaks: Int[np.ndarray, " peak"], interrupted: tuple[Interruption, ...]
) -> Int[np.ndarray, " interval"]:
    """RR intervals without those in which an interruption may hide a beat; all if none is left."""
    every = np.diff(peaks)
    known = every[~overlap(peaks[:-1], peaks[1:], interrupted)]
    return known if len(known) else every


def median_beat(record: Record) -> Beat:
    """Median of the dominant beats of a record, −500 … +700 ms around the R peak.

    Every sample is a median of recorded signal: a beat whose window is not inside the record is
    left out, and at high rates the window includes parts of the neighbouring beats. The median is
    that of the eight independent leads; the others follow, so that Einthoven's law holds. A missing
    lead, and leads that follow from it, are zero. A given beat is returned unchanged, and the R
    peaks of the strip are aligned with it. Raises UnusableRecord for fewer than three beats.
    """
    if record.beat is None:
        return _found(record)
    try:
        return replace(_found(record), signal=record.beat, given=True)
    except UnusableRecord:
        none = np.empty(0, int)
        beats = np.empty((0, 8, BEAT_LENGTH), np.float32)
        rate = record.labels.get("rate", float("nan"))
        rr_ms = 6e4 / rate if rate > 0 else float("nan")
        faults = dict.fromkeys(missing_leads(record.beat), "missing")
        return Beat(
            record.beat,
            rr_ms,
            r_peaks=none,
            used=none,
            beats=beats,
            spikes=none,
            residual=float("nan"),
            lead_faults=faults,
            findings=fault_flags(faults),
            given=True,
        )


def _found(record: Record) -> Beat:
    """Median beat of the strip, with R peaks aligned with a given beat if there is one."""
    faults = lead_faults(record)
    raw = at_500_hz(record)
    qrs_band = filtered(raw, *QRS_BAND_HZ)
    found = r_peaks(qrs_band)
    if len(found) < MIN_BEATS:
        raise UnusableRecord(
            f"noise or too few beats: {len(found)} found that stand out, {MIN_BEATS} are needed"
        )
    peaks, alike = aligned(qrs_band, found)
    interrupted = interruptions(raw)
    # A jump looks like a complex; one that resembles no beat is none.
    real = alike | ~overlap(found - HALF_QRS, found + HALF_QRS, interrupted)
    peaks, alike = peaks[real], alike[real]
    if record.beat is not None:
        given = filtered(record.beat[list(INDEPENDENT_INDEX)].astype(float), *QRS_BAND_HZ)
        peaks = peaks + distance(qrs_band, peaks[alike], given)
    used = peaks[_chosen(peaks, alike, raw.shape[1])] if len(peaks) >= MIN_BEATS else peaks[:0]
    if len(used) < MIN_BEATS:
        raise UnusableRecord(
            f"too few beats: {len(used)} of {len(found)} are alike and lie wholly inside the "
            f"record, {MIN_BEATS} are needed"
        )
    beats = windows(without_wander(raw), used - R_INDEX, BEAT_LENGTH)
    median = median_of(beats)
    spikes = pacing_spikes(raw)
    missing = [lead for lead, fault in faults.items() if fault == "missing"]
    return Beat(
        signal=without_leads(from_eight(median).astype(np.float32), missing),
        rr_ms=float(np.mean(rr_intervals(peaks, interrupted))) * 1e3 / FS_HZ,
        r_peaks=peaks,
        used=used,
        beats=beats.astype(np.float32),
        spikes=spikes,
        residual=float(np.sqrt(np.median(np.mean((beats - median) ** 2, axis=1)))),
        lead_faults=faults,
        findings=judged(record, raw, faults, len(spikes), interrupted).flags,
        interrupted=interrupted,
    )


def _chosen(
    peaks: Int[np.ndarray, " peak"], alike: Bool[np.ndarray, " peak"], length: int
) -> Bool[np.ndarray, " peak"]:
    """Dominant beats whose whole window is in the record, without premature ones if possible.

    Interrupted ones stay: the median of fewer beats errs more (docs/labels.md).
    """
    inside = (peaks >= R_INDEX) & (peaks - R_INDEX + BEAT_LENGTH <= length)
    before = np.diff(peaks, prepend=-length)
    timely = alike & inside & (before >= PREMATURE * np.median(np.diff(peaks)))
    return timely if timely.sum() >= MIN_BEATS else alike & inside
