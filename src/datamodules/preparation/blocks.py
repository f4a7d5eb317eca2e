"""Blocks of prepared ECGs: folders with plain arrays and a table, built and read back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from math import inf, isnan, nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...ecg import (
    FS_HZ,
    LEADS,
    MARKS,
    SEPARATOR,
    TEXT,
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
from ..formats.conventions import OLDEST_YEARS
from ..records import Excluded, Reader

# Samples of each input at ecg.FS_HZ: a median beat of 1.2 s, a strip of 10 s (Storås 2025).
SAMPLES = {"median": 600, "rhythm": 5000}
# Numbers that ECGLens measures, and the uncertainty (SD) of each, in its unit; empty for a label of
# the record.
MEASURED = (*Measurement().values(), "qt_tangent")
UNCERTAINTIES = tuple(f"{name}_sd" for name in MEASURED)


def read_table(block: Path) -> pd.DataFrame:
    """Table of a block, a row per ECG: numbers are NaN if unknown, TEXT columns are text."""
    # An empty field means "missing" only in columns of numbers: a patient may be called "NA".
    names = pd.read_csv(block / "table.csv", nrows=0).columns
    return pd.read_csv(  # pyright: ignore[reportCallIssue]
        block / "table.csv",
        dtype={name: str if name in TEXT else np.float64 for name in names},
        na_values={name: [""] for name in names if name not in TEXT},
        keep_default_na=False,
        float_precision="round_trip",  # pyright: ignore[reportArgumentType] - not in pandas' types
    )


def read_excluded(block: Path) -> list[Excluded]:
    """ECGs that a block leaves out, with the reason."""
    return [Excluded(*pair) for pair in json.loads((block / "excluded.json").read_text())]


@lru_cache(maxsize=512)
def opened(path: Path) -> np.ndarray:
    """Memory-mapped array of a file; each process opens it on first use."""
    return np.load(path, mmap_mode="r")


# Smallest and largest value in UNITS. They are wide, so that no rare disease is lost: seconds in
# place of ms, 0, −1 and 29999 for "none found", and overflows are far outside.
PLAUSIBLE: Mapping[str, tuple[float, float]] = {
    "pr": (20.0, 1000.0),  # the atria alone take longer; AV blocks of first degree reach 1 s
    "qrs": (20.0, 500.0),  # of a newborn 50; of extreme hyperkalaemia 300 to 400
    "qt": (100.0, 1500.0),  # the refractory period of a ventricle; inherited long QT reaches 900
    "qt_tangent": (100.0, 1500.0),
    "rate": (10.0, 600.0),  # an agonal rhythm; flutter of a newborn, each wave conducted
    **dict.fromkeys(("r", "j", "t"), (-2e4, 2e4)),  # on the skin no wave has more than 10 mV
    "age": (0.0, OLDEST_YEARS),
}
UNITS = dict.fromkeys(("pr", "qrs", "qt", "qt_tangent"), "ms") | dict.fromkeys("rjt", "µV")
UNITS |= {"rate": "1/min", "age": "years"}


def implausible(name: str, value: float) -> str:
    """Reason why nobody can have this label; empty for any other value, and for NaN."""
    low, high = PLAUSIBLE.get(name, (-inf, inf))
    if isnan(value) or low <= value <= high:
        return ""
    return f"expected a label {name} of {low:g} to {high:g} {UNITS[name]}, got {value:g}"


def plausible(record: Record) -> tuple[Record, dict[str, str]]:
    """Record whose implausible labels are NaN, with the reason for each."""
    found = {name: implausible(name, value) for name, value in record.labels.items()}
    reasons = {name: why for name, why in found.items() if why}
    labels = {**record.labels, **dict.fromkeys(reasons, nan)}
    return (replace(record, labels=labels) if reasons else record), reasons


NO_PEAK = np.iinfo(np.int32).min
# Zeros at the end would be a shortcut to the recorder (docs/shortcuts.md): a network that was
# trained with them says so in its InputSpec.
TOO_SHORT = (
    "too short for input=rhythm: {:.3f} s, 10 s are needed; from Python, rank_methods pads shorter "
    "ECGs for a network whose InputSpec has samples"
)


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
        segments = known_marks(record.marks, measured.segments)
        beats.append(beat.signal)
        masks.append(segment_mask(segments, SAMPLES["median"]))
        peaks.append(known_r_peaks(record, beat))
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
            excluded.append(Excluded(item.id, TOO_SHORT.format(strip.shape[1] / FS_HZ)))
            continue
        row, found = rows[item.id], peaks[item.id]
        segments = Segments(**{mark: row[mark] for mark in MARKS})
        strips.append(strip)
        masks.append(segment_mask(segments, SAMPLES["rhythm"], found[found != NO_PEAK].tolist()))
        kept.append(row)
    _save(folder, "rhythm", strips, masks, kept, excluded)


def known_marks(given: Segments | None, measured: Segments) -> Segments:
    """Marks that came with a record, otherwise the measured ones; devices give no onset of T."""
    if given is None:
        return measured
    if np.isnan(given.t_on) and given.qrs_off < measured.t_on < given.t_off:
        return replace(given, t_on=measured.t_on)
    return given


def known_r_peaks(record: Record, beat: Beat) -> np.ndarray:
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
