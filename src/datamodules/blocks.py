"""One block of prepared ECGs: a folder of plain arrays and a table, made once."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..ecg import (
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
from .records import Excluded, Reader

# Samples at 500 Hz of each input: a median beat of 1.2 s, a strip of 10 s (Storås 2025).
SAMPLES = {"median": 600, "rhythm": 5000}
FS_HZ = 500.0
MARKS = ("p_on", "p_off", "qrs_on", "qrs_off", "t_on", "t_off")
# The uncertainty (SD) of each measurement, in its unit; empty for one that came with the record.
UNCERTAINTIES = tuple(f"{name}_sd" for name in (*Measurement().values(), "qt_tangent"))
# Columns of the table that are not numbers; `reasons` is JSON: why each missing number is missing.
TEXT = ("id", "patient", "given", "flags", "reasons")
# Between the names in `given` and the findings in `flags`, which hold spaces.
SEPARATOR = "; "
NO_PEAK = np.iinfo(np.int32).min


def build_beats(reader: Reader, start: int, stop: int, folder: Path) -> None:
    """Median beats (µV) of the ECGs start … stop − 1 with masks, labels, marks and R peaks."""
    beats, masks, peaks, rows, excluded = [], [], [], [], []
    for item in reader.read(start, stop):
        if isinstance(item, Excluded):
            excluded.append(item)
            continue
        try:
            beat = median_beat(item)
            measured = measure(beat)
        except UnusableRecord as problem:
            excluded.append(Excluded(item.id, str(problem)))
            continue
        except Exception as problem:  # our own fault, but one ECG must not end a night's work
            reason = f"not measured, please report it: {type(problem).__name__}: {problem}"
            excluded.append(Excluded(item.id, reason))
            continue
        segments = _segments(item.marks, measured.segments)
        beats.append(beat.signal)
        masks.append(segment_mask(segments, SAMPLES["median"]))
        peaks.append(_r_peaks(item, beat))
        rows.append(_row(item, measured, segments))
    np.save(folder / "r_peaks.npy", _side_by_side(peaks))
    _save(folder, "median", beats, masks, rows, excluded)


def build_strips(reader: Reader, start: int, stop: int, beats: Path, folder: Path) -> None:
    """10-s strips (µV, as recorded) of the ECGs in the block `beats`, with its labels and marks.

    Nothing is measured again: the marks of the median beat are laid at each of its R peaks.
    """
    rows = read_table(beats).set_index("id", drop=False).to_dict("index")
    peaks = dict(zip(rows, np.load(beats / "r_peaks.npy"), strict=True))
    strips, masks, kept, excluded = [], [], [], read_excluded(beats)
    for item in reader.read(start, stop):
        if isinstance(item, Excluded) or item.id not in rows:
            continue  # the beats have named it already
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


def read_table(block: Path) -> pd.DataFrame:
    """The table of a block: an ECG a row, numbers NaN where unknown, the TEXT columns as text."""
    # An empty field means "missing" in the columns of numbers alone: a patient may be called "NA".
    names = pd.read_csv(block / "table.csv", nrows=0).columns
    return pd.read_csv(  # pyright: ignore[reportCallIssue]
        block / "table.csv",
        dtype={name: str if name in TEXT else np.float64 for name in names},
        na_values={name: [""] for name in names if name not in TEXT},
        keep_default_na=False,
        float_precision="round_trip",  # pyright: ignore[reportArgumentType] - not in pandas' types
    )


def read_excluded(block: Path) -> list[Excluded]:
    """The ECGs that a block leaves out, and why."""
    return [Excluded(*pair) for pair in json.loads((block / "excluded.json").read_text())]


@lru_cache(maxsize=512)
def opened(path: Path) -> np.ndarray:
    """The array of a file, memory-mapped; each process opens it when it first reads it."""
    return np.load(path, mmap_mode="r")


def _segments(given: Segments | None, measured: Segments) -> Segments:
    """The known marks. Devices tell where T ends and not where it begins: that is measured."""
    if given is None:
        return measured
    if np.isnan(given.t_on) and given.qrs_off < measured.t_on < given.t_off:
        return replace(given, t_on=measured.t_on)
    return given


def _r_peaks(record: Record, beat: Beat) -> np.ndarray:
    """R peaks in samples of the strip at 500 Hz; those that are known stand before those found."""
    if record.r_peaks is None:
        return beat.r_peaks
    return np.round(record.r_peaks * (FS_HZ / record.fs)).astype(int)


def _row(record: Record, measured: Measurement, segments: Segments) -> dict[str, Any]:
    """What is known of an ECG stands before what was measured on it, also where it is NaN."""
    values = {**measured.values(), "qt_tangent": measured.qt_tangent, **record.labels}
    uncertain = {
        f"{name}_sd": np.nan if name in record.labels else sd for name, sd in measured.sd.items()
    }
    unknown = {name: why for name, why in measured.reasons.items() if name not in record.labels}
    for name, value in record.labels.items():
        if np.isnan(value):
            unknown[name] = "not in the labels that came with the record"
    marks = asdict(segments)
    return {
        "id": record.id,
        "patient": record.patient or record.id,
        **(uncertain | values),
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
    """R peaks of one ECG a row, filled up with NO_PEAK."""
    width = max((len(found) for found in peaks), default=0)
    rows = np.full((len(peaks), width), NO_PEAK, np.int32)
    for row, found in zip(rows, peaks, strict=True):
        row[: len(found)] = found
    return rows
