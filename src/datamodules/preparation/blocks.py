"""Building of a block of prepared ECGs: a folder with plain arrays and a table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...ecg import (
    FS_HZ,
    LEADS,
    Beat,
    Measurement,
    Record,
    Segments,
    UnusableRecord,
    measure,
    median_beat,
    resampled,
    segment_mask,
)
from ..records import Excluded, Reader
from .plausible import plausible
from .table import MARKS, SAMPLES, SEPARATOR, TEXT, read_excluded, read_table

NO_PEAK = np.iinfo(np.int32).min


def build_beats(reader: Reader, start: int, stop: int, folder: Path) -> None:
    """Write median beats (µV) of the ECGs start … stop − 1, with masks, labels and R peaks."""
    beats, masks, peaks, rows, excluded = [], [], [], [], []
    for item in reader.read(start, stop):
        if isinstance(item, Excluded):
            excluded.append(item)
            continue
        record, doubts = plausible(item)
        try:
            beat = median_beat(record)
            measured = measure(beat)
        except UnusableRecord as problem:
            excluded.append(Excluded(item.id, str(problem)))
            continue
        # A bug of ECGLens: one ECG must not stop a long run.
        except Exception as problem:  # noqa: BLE001 - a bug may raise any error
            reason = f"not measured, please report it: {type(problem).__name__}: {problem}"
            excluded.append(Excluded(item.id, reason))
            continue
        segments = _segments(record.marks, measured.segments)
        beats.append(beat.signal)
        masks.append(segment_mask(segments, SAMPLES["median"]))
        peaks.append(_r_peaks(record, beat))
        rows.append(_row(record, measured, segments, doubts))
    np.save(folder / "r_peaks.npy", _side_by_side(peaks))
    _save(folder, "median", beats, masks, rows, excluded)


def build_strips(reader: Reader, start: int, stop: int, beats: Path, folder: Path) -> None:
    """Write 10-s strips (µV, as recorded) of the ECGs in the block `beats`, with its labels.

    Nothing is measured again: the marks of the median beat are placed at each of its R peaks.
    """
    rows = read_table(beats).set_index("id", drop=False).to_dict("index")
    peaks = dict(zip(rows, np.load(beats / "r_peaks.npy"), strict=True))
    strips, masks, kept, excluded = [], [], [], read_excluded(beats)
    for item in reader.read(start, stop):
        if isinstance(item, Excluded) or item.id not in rows:
            continue  # the block of beats names it
        strip = resampled(item.signal, item.fs, FS_HZ)[:, : SAMPLES["rhythm"]]
        if strip.shape[1] < SAMPLES["rhythm"]:
            reason = f"too short for input=rhythm: {strip.shape[1] / FS_HZ:.1f} s, 10 are needed"
            excluded.append(Excluded(item.id, reason))
            continue
        row, found = rows[item.id], peaks[item.id]
        segments = Segments(**{mark: row[mark] for mark in MARKS})
        strips.append(strip)
        masks.append(segment_mask(segments, SAMPLES["rhythm"], found[found != NO_PEAK].tolist()))
        kept.append(row)
    _save(folder, "rhythm", strips, masks, kept, excluded)


def _segments(given: Segments | None, measured: Segments) -> Segments:
    """Known marks, otherwise the measured ones; devices do not give the onset of T."""
    if given is None:
        return measured
    if np.isnan(given.t_on) and given.qrs_off < measured.t_on < given.t_off:
        return replace(given, t_on=measured.t_on)
    return given


def _r_peaks(record: Record, beat: Beat) -> np.ndarray:
    """R peaks in samples of the strip at 500 Hz: the known ones, otherwise the detected ones."""
    if record.r_peaks is None:
        return beat.r_peaks
    return np.round(record.r_peaks * (FS_HZ / record.fs)).astype(int)


def _row(
    record: Record, measured: Measurement, segments: Segments, doubts: Mapping[str, str]
) -> dict[str, Any]:
    """Row of the table; a label of the record replaces the measurement, even if it is NaN.

    `doubts` are the reasons for labels that are NaN because they are implausible.
    """
    values = {**measured.values(), "qt_tangent": measured.qt_tangent, **record.labels}
    uncertain = {
        f"{name}_sd": np.nan if name in record.labels else sd for name, sd in measured.sd.items()
    }
    unknown = {name: why for name, why in measured.reasons.items() if name not in record.labels}
    for name, value in record.labels.items():
        if np.isnan(value):
            unknown[name] = doubts.get(name, "not in the labels that came with the record")
    marks = asdict(segments)
    return {
        "id": record.id,
        "patient": record.patient or record.id,
        **values,
        **uncertain,
        **record.labels,
        **{mark: marks[mark] for mark in MARKS},
        "given": SEPARATOR.join(record.labels),
        "flags": SEPARATOR.join(measured.flags),
        "reasons": json.dumps(unknown, sort_keys=True),
    }


def _save(
    folder: Path,
    kind: str,
    signals: Sequence[np.ndarray],
    masks: Sequence[np.ndarray],
    rows: Sequence[dict[str, Any]],
    excluded: Sequence[Excluded],
) -> None:
    x = np.empty((len(signals), len(LEADS), SAMPLES[kind]), np.float32)
    segments = np.empty((len(masks), SAMPLES[kind]), np.int8)
    for place, (signal, mask) in enumerate(zip(signals, masks, strict=True)):
        x[place], segments[place] = signal, mask
    np.save(folder / "x.npy", x)
    np.save(folder / "segments.npy", segments)
    pd.DataFrame(rows or {name: [] for name in TEXT}).to_csv(folder / "table.csv", index=False)
    (folder / "excluded.json").write_text(json.dumps(excluded))


def _side_by_side(peaks: Sequence[np.ndarray]) -> np.ndarray:
    """R peaks, one row per ECG, padded with NO_PEAK."""
    width = max((len(found) for found in peaks), default=0)
    rows = np.full((len(peaks), width), NO_PEAK, np.int32)
    for row, found in zip(rows, peaks, strict=True):
        row[: len(found)] = found
    return rows
