"""From ECGs to rows of a table: prepared as in training, read by the network, flagged, mapped."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

import numpy as np
import torch
from ecglens.datamodules import MEASURED, SAMPLES, Excluded
from ecglens.ecg import (
    FS_HZ,
    LEADS,
    Record,
    UnusableRecord,
    draw_exact,
    exact_record,
    measure,
    median_beat,
    resampled,
    segment_mask,
)
from ecglens.explain import Inputs, attribute, find, lint
from ecglens_sheets import KnownNetwork
from jaxtyping import Float, Float32, Int8

from .networks import outputs_of

SEPARATOR = "; "  # between flags
PROBES = 2  # ECGs on which a method is tried before any other


@dataclass(frozen=True)
class TableSettings:
    """What a table has beside predictions and flags.

    `maps` is the method whose heatmaps are kept, "" for none, of the output that is explained. With
    `segment_ms` they are summed over pieces of this length, 0 keeps every sample. `map_type` is the
    type of the numbers. Raises ValueError for a length shorter than a sample, and another type.
    """

    maps: str = ""
    segment_ms: float = 0.0
    map_type: Literal["float16", "float32"] = "float16"

    def __post_init__(self) -> None:
        if self.segment_ms and self.samples < 1:
            raise ValueError(
                f"expected segments of at least {1e3 / FS_HZ:g} ms, got {self.segment_ms:g}"
            )
        if self.map_type not in ("float16", "float32"):
            raise ValueError(f"expected maps in float16 or float32, got {self.map_type!r}")

    @property
    def samples(self) -> int:
        """Samples in a segment; 0 for whole maps."""
        return round(self.segment_ms * FS_HZ / 1e3)


@dataclass
class Row:
    """One ECG: what the network reads of it, or the `reason` why it is not usable.

    `x` is (12, time) in µV at 500 Hz, with wave marks `segments`. `flags` are None where nobody
    looked for any: an array is read as it is.
    """

    id: str
    reason: str = ""
    x: Float[np.ndarray, "12 time"] | None = None
    segments: Int8[np.ndarray, " time"] | None = None
    flags: list[str] | None = None
    measured: Mapping[str, float] = field(default_factory=dict)
    outputs: Float32[np.ndarray, " output"] | None = None
    outside: str | None = None
    map: Float[np.ndarray, "12 piece"] | None = None


def rows_of(
    ecgs: Iterable[Any], known: KnownNetwork, settings: TableSettings, batch: int
) -> Iterator[list[Row]]:
    """Rows of the ECGs, a batch at a time.

    Raises ValueError for what is no ECG with an id, and for an id that occurs twice.
    """
    if settings.maps:
        _check_method(known, settings.maps)
    input, seen = known.finding.about.input, set[str]()
    each = iter(ecgs)
    while items := list(islice(each, batch)):
        rows = [_row(item, input) for item in items]
        for row in rows:
            if row.id in seen:
                raise ValueError(f"expected a different id for each ECG, got {row.id!r} twice")
            seen.add(row.id)
        usable = [row for row in rows if not row.reason]
        if usable:
            _read(usable, known, settings)
        yield rows


def _row(item: Any, input: str) -> Row:
    """A prepared ECG of an ecg.Record, of (id, record), or of (id, array); or why there is none."""
    if isinstance(item, Excluded):
        return Row(item.name, item.reason)
    name, ecg = (item.id, item) if isinstance(item, Record) else _pair(item)
    if not str(name):
        raise ValueError("expected an id for each ECG, got one without")
    if isinstance(ecg, Record):
        return _prepared(str(name), ecg, input)
    x = np.asarray(ecg.detach().cpu() if isinstance(ecg, torch.Tensor) else ecg)
    shape = (len(LEADS), SAMPLES[input])
    if x.shape != shape or x.dtype.kind not in "iuf":
        return Row(
            str(name),
            f"expected numbers of shape {shape}, which the network reads in µV at {FS_HZ:g} Hz, "
            f"got {x.shape} in {x.dtype}; an ecg.Record may have any length and rate",
        )
    if not np.isfinite(x).all():
        return Row(str(name), f"expected finite values, got {int((~np.isfinite(x)).sum())} others")
    return Row(str(name), x=x)


def _pair(item: Any) -> tuple[Any, Any]:
    if not isinstance(item, Sequence) or isinstance(item, str) or len(item) != 2:
        raise ValueError(
            f"expected each ECG as (id, array) or as an ecg.Record, got {type(item).__name__}; "
            "batches of a DataLoader go through ecglens_tables.from_loader"
        )
    return item[0], item[1]


def _prepared(name: str, record: Record, input: str) -> Row:
    """The ECG as in training: its median beat, or the strip, and what was measured."""
    try:
        beat = median_beat(record)
        found = measure(beat)
    except UnusableRecord as problem:
        return Row(name, str(problem))
    except Exception as problem:  # noqa: BLE001 - a bug may raise any error; one ECG must not stop a million
        return Row(name, f"not measured, please report it: {type(problem).__name__}: {problem}")
    x, peaks = beat.signal, ()
    if input == "rhythm":
        x = resampled(record.signal, record.fs, FS_HZ)[:, : SAMPLES[input]]
        peaks = beat.r_peaks.tolist()
        if x.shape[1] < SAMPLES[input]:
            seconds = x.shape[1] / FS_HZ
            return Row(name, f"too short for input=rhythm: {seconds:.2f} s, 10 s are needed")
    return Row(
        name,
        x=x,
        segments=segment_mask(found.segments, SAMPLES[input], *([peaks] if peaks else [])),
        flags=[*found.flags],
        measured={each: getattr(found, each) for each in MEASURED},
    )


def _read(rows: Sequence[Row], known: KnownNetwork, settings: TableSettings) -> None:
    """Add outputs, values outside the training ECGs, and maps to usable ECGs."""
    x = np.stack([row.x for row in rows if row.x is not None]).astype(np.float32, copy=False)
    outputs = outputs_of(known, x)
    outside = _outside(known, rows, x, outputs)
    for row, own, words in zip(rows, outputs, outside, strict=True):
        row.outputs, row.outside = own, words
        if not np.isfinite(own).all():
            row.reason = "expected a finite output of the network, got NaN or infinity"
    if settings.maps:
        _explain(rows, torch.from_numpy(x), known, settings)


def _outside(
    known: KnownNetwork,
    rows: Sequence[Row],
    x: Float32[np.ndarray, "batch 12 time"],
    outputs: Float32[np.ndarray, "batch output"],
) -> list[str | None]:
    """Values outside all training ECGs in words, "" inside; None where those are not known."""
    if not known.ranges:
        return [None] * len(rows)
    values = {
        "amplitude": np.ptp(x, axis=2).max(1).astype(float) / 1e3,
        "rate": np.array([row.measured.get("rate", np.nan) for row in rows]),
        "prediction": outputs[:, known.finding.about.target.index].astype(float),
    }
    said: list[list[str]] = [[] for _ in rows]
    for each in known.ranges:
        own = values[each.name]
        for place in np.flatnonzero((own < each.low) | (own > each.high)):
            said[place].append(each.words(float(own[place])))
    return [SEPARATOR.join(words) for words in said]


def _explain(
    rows: Sequence[Row], x: torch.Tensor, known: KnownNetwork, settings: TableSettings
) -> None:
    """Add maps. An ECG of which the method makes none is flagged, with the reason."""
    try:
        maps = _maps(rows, x, known, settings.maps)
    except ValueError as problem:
        if len(rows) == 1:
            rows[0].flags = [*(rows[0].flags or ()), f"no map: {problem}"]
        else:  # one of them is to blame, or each
            for place in range(len(rows)):
                _explain(rows[place : place + 1], x[place : place + 1], known, settings)
        return
    if settings.samples:
        maps = np.add.reduceat(maps, np.arange(0, maps.shape[2], settings.samples), axis=2)
    for row, own in zip(rows, maps, strict=True):
        row.map = own


def _maps(
    rows: Sequence[Row], x: torch.Tensor, known: KnownNetwork, method: str
) -> Float32[np.ndarray, "batch 12 time"]:
    """Heatmaps of the output that is explained, which depend neither on batch nor order."""
    about, chosen = known.finding.about, find(method)
    none = np.zeros(x.shape[2], np.int8)
    segments = np.stack([none if row.segments is None else row.segments for row in rows])
    needed = chosen.facts.needs_background and known.training
    background = known.training.background if needed and known.training else None
    inputs = Inputs([row.id for row in rows], torch.from_numpy(segments), background)
    return attribute(chosen, known.net, x, about.target.index, about.seed, inputs).cpu().numpy()


@lru_cache(maxsize=1)  # for the parts of one loop
def _check_method(known: KnownNetwork, method: str) -> None:
    """Try the method on exact ECGs; ValueError where it would be wrong on this network."""
    about = known.finding.about
    probes = [
        _prepared(str(index), exact_record(draw_exact(seed=0, index=index)), about.input)
        for index in range(PROBES)
    ]
    x = torch.from_numpy(np.stack([row.x for row in probes if row.x is not None]))
    if reason := lint(known.net, x, about.target.index).left_out(find(method)):
        raise ValueError(f"{method} cannot be used on this network: {reason}")
    _maps(probes, x, known, method)
