"""The median beat of a record: its dominant beats, aligned over all leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Bool, Float32, Int

from ..filters import filtered, without_wander
from ..leads import INDEPENDENT_INDEX, from_eight, missing_leads, without_leads
from ..pacing import pacing_spikes
from ..quality import at_500_hz, fault_flags, judged, lead_faults
from ..record import BEAT_LENGTH, FS_HZ, Record, UnusableRecord
from ..waves import R_INDEX
from .alignment import aligned, distance, median_of, windows
from .rpeaks import QRS_BAND_HZ, r_peaks

MIN_BEATS = 3
# A beat after less than this share of RR is premature: its PR and T are not those of the rhythm.
PREMATURE = 0.8


@dataclass(frozen=True, eq=False)
class Beat:
    """A median beat at 500 Hz in µV, with the facts about the rhythm that measurements need.

    `r_peaks` are the R peaks of the whole record at 500 Hz; `used` are those of `beats`, the single
    beats (8 independent leads, baseline removed) whose median this is. `spikes` are pacing spikes
    in samples of the record at 500 Hz. `lead_faults` are the leads without a signal and the reason,
    `findings` all findings about the record (Quality.flags). `residual` is the typical distance
    (RMS over leads, µV) of a single beat from the median. `given` marks a beat that came with the
    record: its `beats` are those of the strip, or none without a strip.
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

    @property
    def n_beats(self) -> int:
        """Number of single beats in the median."""
        return len(self.beats)


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
    if record.beat is not None:
        given = filtered(record.beat[list(INDEPENDENT_INDEX)].astype(float), *QRS_BAND_HZ)
        peaks = peaks + distance(qrs_band, peaks[alike], given)
    rr = float(np.mean(np.diff(peaks)))
    used = peaks[_chosen(peaks, alike, raw.shape[1])]
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
        rr_ms=rr * 1e3 / FS_HZ,
        r_peaks=peaks,
        used=used,
        beats=beats.astype(np.float32),
        spikes=spikes,
        residual=float(np.sqrt(np.median(np.mean((beats - median) ** 2, axis=1)))),
        lead_faults=faults,
        findings=judged(record, raw, faults, len(spikes)).flags,
    )


def _chosen(
    peaks: Int[np.ndarray, " peak"], alike: Bool[np.ndarray, " peak"], length: int
) -> Bool[np.ndarray, " peak"]:
    """Dominant beats whose whole window is in the record, without premature ones if possible."""
    inside = (peaks >= R_INDEX) & (peaks - R_INDEX + BEAT_LENGTH <= length)
    before = np.diff(peaks, prepend=-length)
    timely = alike & inside & (before >= PREMATURE * np.median(np.diff(peaks)))
    return timely if timely.sum() >= MIN_BEATS else alike & inside
