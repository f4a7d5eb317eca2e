"""From ECGs to rows of a table: prepared as in training, read by the network, flagged, mapped."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, islice
from typing import Any, Protocol

import numpy as np
import torch
from ecglens.datamodules import (
    MEASURED,
    SAMPLES,
    SEPARATOR,
    Excluded,
    GivenRecords,
    known_marks,
    known_r_peaks,
)
from ecglens.ecg import (
    FS_HZ,
    LEADS,
    Record,
    UnusableRecord,
    draw_exact,
    exact_record,
    fault_of_unit,
    measure,
    median_beat,
    resampled,
    segment_mask,
)
from ecglens.explain import Inputs, attribute, controls, find, find_all
from ecglens.inputs import found_marks
from ecglens.models import device_of
from ecglens_sheets import KnownNetwork
from jaxtyping import Float, Float32, Int8
from scipy.special import expit
from torch import Tensor

from .networks import outputs_of

PROBES = 2  # ECGs on which a method is tried before any other
# ECGs that are scored together: the network is traced once for them, in 0.4 to 1.2 CPU-s, and
# with their donors they take 45 MB.
SCORED = 256


@dataclass(frozen=True)
class TableSettings:
    """What a table has beside predictions, flags and measured values.

    `maps` is the method whose heatmaps are kept, "" for none, of the output that is explained. With
    `segment_ms` they are summed over pieces of this length; 0 keeps every sample. `scores` are the
    methods whose areas under the perturbation curve are kept, with those of the controls. Raises
    ValueError for an unknown method, for a control or a method twice among `scores`, and for a
    length that is no multiple of a sample.
    """

    maps: str = ""
    segment_ms: float = 0.0
    scores: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "scores", tuple(self.scores))
        if self.maps:
            find(self.maps)
        find_all(list(self.scores))
        if again := [each for each in self.scores if (*self.scores, *controls()).count(each) > 1]:
            raise ValueError(
                f"expected each method once for scores, and no control, got {again[0]}"
            )
        samples = self.segment_ms * FS_HZ / 1e3
        if not (samples >= 0 and samples.is_integer()):
            raise ValueError(
                f"expected segments of a multiple of {1e3 / FS_HZ:g} ms, got {self.segment_ms:g}"
            )
        if self.segment_ms and not self.maps:
            raise ValueError(
                f"expected a method of maps for segments of {self.segment_ms:g} ms, got none"
            )

    @property
    def samples(self) -> int:
        """Samples in a piece of a map."""
        return round(self.segment_ms * FS_HZ / 1e3) or 1


@dataclass
class Row:
    """One ECG: the `values` of its row by column, and what the network reads of it.

    `x` is (12, time) in µV at 500 Hz with wave marks `segments`; None where the ECG is not usable,
    for the `reason` among the values. `patient` is its own where none is known.
    """

    values: dict[str, Any]
    x: np.ndarray | None = None
    segments: np.ndarray | None = None
    patient: str = ""

    def flag(self, why: str) -> None:
        """Say why something is missing, beside the flags of the ECG."""
        self.values["flags"] = SEPARATOR.join(filter(None, (self.values.get("flags"), why)))


class AddsScores(Protocol):
    """What adds scores to rows (scores.Scorer)."""

    def add(self, rows: Sequence[Row]) -> None:
        """Add scores to usable ECGs."""
        ...


def rows_of(
    ecgs: Iterable[Any],
    known: KnownNetwork,
    settings: TableSettings,
    batch: int,
    scores: AddsScores | None = None,
) -> Iterator[list[dict[str, Any]]]:
    """Values of the ECGs' rows by column, some at a time; what is not known is left out.

    Raises ValueError for what is no ECG with an id, for an id that occurs twice, and for a method
    that would be wrong on the network.
    """
    if settings.maps:
        _check_method(known, settings.maps)
    seen, each = set[str](), iter(ecgs)
    while items := list(islice(each, max(batch, SCORED) if scores else batch)):
        rows = [row_of(item, known) for item in items]
        for item, row in zip(items, rows, strict=True):
            # A reader excludes an ECG that is there again.
            if (name := row.values["id"]) in seen and not isinstance(item, Excluded):
                raise ValueError(f"expected a different id for each ECG, got {name!r} twice")
            seen.add(name)
        usable = [row for row in rows if row.x is not None]
        if scores:
            for row in usable:
                marks_of(row)
        for at in range(0, len(usable), batch):
            _read(usable[at : at + batch], known, settings)
        if scores:
            scores.add([row for row in usable if "reason" not in row.values])
        yield [row.values for row in rows]


def checked(ecgs: Iterable[Any], known: KnownNetwork) -> Iterator[Any]:
    """These ECGs, of which each ecg.Record is checked like those that a reader reads."""
    for item in ecgs:
        pair = isinstance(item, tuple | list) and len(item) == 2
        name, ecg = item if pair else (getattr(item, "id", ""), item)
        yield (name, _kept(ecg, known)) if isinstance(ecg, Record) and str(name) else item


def _kept(record: Record, known: KnownNetwork) -> Record | Excluded:
    """The record, or the reason why a reader with the settings of training would exclude it."""
    (found,) = GivenRecords([record], known.reading.get("missing_lead", "exclude")).read(0, 1)
    return found


def row_of(item: Any, known: KnownNetwork) -> Row:
    """A prepared ECG of an ecg.Record, of (id, record), or of (id, array); or why there is none."""
    if isinstance(item, Record | Excluded):
        item = (item.id if isinstance(item, Record) else item.name, item)
    if not isinstance(item, tuple | list) or len(item) != 2 or item[0] is None or item[0] == "":
        raise ValueError(
            "expected each ECG as (id, array), or as an ecg.Record with an id, got "
            f"{type(item).__name__}; batches of a DataLoader go through from_loader"
        )
    name, ecg, input = str(item[0]), item[1], known.finding.about.input
    if isinstance(ecg, Excluded):
        return _without(name, ecg.reason)
    if isinstance(ecg, Record):
        return _prepared(name, ecg, input)
    x = np.asarray(ecg.detach().cpu() if isinstance(ecg, torch.Tensor) else ecg)
    if x.shape != (shape := (len(LEADS), SAMPLES[input])) or x.dtype.kind not in "iuf":
        return _without(
            name,
            f"expected numbers of shape {shape}, which the network reads in µV at {FS_HZ:g} Hz, "
            f"got {x.shape} in {x.dtype}; an ecg.Record may have any length and rate",
        )
    if not np.isfinite(largest := float(np.abs(x).max())):
        return _without(name, "expected finite values, got NaN or infinity")
    if isinstance(found := _kept(Record(x, id=name), known), Excluded):
        return _without(name, found.reason)
    fault = fault_of_unit(largest)
    return _without(name, fault) if fault else Row({"id": name}, found.signal, patient=name)


def _without(name: str, reason: str) -> Row:
    return Row({"id": name, "reason": reason or "no reason was given"})


def _prepared(name: str, record: Record, input: str) -> Row:
    """The ECG as in training: its median beat, or the strip, and what was measured."""
    try:
        beat = median_beat(record)
        found = measure(beat)
    except UnusableRecord as problem:
        return _without(name, str(problem))
    # A bug of ECGLens: one ECG must not stop a million.
    except Exception as problem:  # noqa: BLE001 - a bug may raise any error
        reason = f"not measured, please report it: {type(problem).__name__}: {problem}"
        return _without(name, reason)
    segments = known_marks(record.marks, found.segments)
    x, marks = beat.signal, segment_mask(segments, SAMPLES["median"])
    if input == "rhythm":
        x = resampled(record.signal, record.fs, FS_HZ)[:, : SAMPLES[input]]
        if x.shape[1] < SAMPLES[input]:
            seconds = x.shape[1] / FS_HZ
            return _without(name, f"too short for input=rhythm: {seconds:.3f} s, 10 s are needed")
        marks = segment_mask(segments, SAMPLES[input], known_r_peaks(record, beat).tolist())
    numbers = {each: getattr(found, each) for each in MEASURED}
    measured = {each: value for each, value in numbers.items() if np.isfinite(value)}
    values = {"id": name, "flags": SEPARATOR.join(found.flags), **measured}
    return Row(values, x, marks, record.patient or name)


def marks_of(row: Row) -> Int8[Tensor, " time"]:
    """Marks of the waves of a usable ECG; found where it came without."""
    if row.segments is None:
        x = torch.from_numpy(np.array(row.x, np.float32))  # a mapped array cannot be written
        row.segments = found_marks(x[None])[0].numpy()
    return torch.from_numpy(row.segments)


def _read(rows: Sequence[Row], known: KnownNetwork, settings: TableSettings) -> None:
    """Add outputs, values outside the training ECGs, and maps to usable ECGs."""
    x = np.stack([np.asarray(row.x, np.float32) for row in rows])
    outputs, target = outputs_of(known, x), known.finding.about.target
    finite = np.asarray(np.isfinite(outputs).all(1))
    for row in compress(rows, ~finite):
        row.values = _without(row.values["id"], "the network returned NaN or infinity").values
    rows, x, outputs = list(compress(rows, finite)), x[finite], outputs[finite]
    columns = {f"prediction_{name}": outputs[:, at] for at, name in enumerate(target.outputs)}
    if target.kind == "binary":
        for at, name in enumerate(target.outputs):
            columns[f"probability_{name}"] = expit(outputs[:, at].astype(float))
    for name, values in columns.items():
        for row, value in zip(rows, values, strict=True):
            row.values[name] = value
    _compare(rows, known, x, outputs[:, target.index])
    if settings.maps and rows:
        _explain(rows, torch.from_numpy(x), known, settings)


def _compare(
    rows: Sequence[Row],
    known: KnownNetwork,
    x: Float32[np.ndarray, "batch 12 time"],
    outputs: Float32[np.ndarray, " batch"],
) -> None:
    """Add values outside all training ECGs in words, "" inside; nothing where none are known."""
    for row, own, output in zip(rows if known.ranges else (), x, outputs, strict=False):
        values = {
            "amplitude": float(np.ptp(own, axis=1).max()) / 1e3,
            "rate": row.values.get("rate", np.nan),
            "prediction": float(output),
        }
        said = (each.words(values[each.name]) for each in known.ranges)
        row.values["outside"] = SEPARATOR.join(filter(None, said))


def _explain(
    rows: Sequence[Row], x: torch.Tensor, known: KnownNetwork, settings: TableSettings
) -> None:
    """Add maps. An ECG of which the method makes none is flagged, with the reason."""
    try:
        maps = _maps(rows, x, known, settings.maps)
    except ValueError as problem:
        if len(rows) == 1:
            rows[0].flag(f"no map: {problem}")
        for place in range(len(rows) if len(rows) > 1 else 0):  # one is to blame, or each
            _explain(rows[place : place + 1], x[place : place + 1], known, settings)
        return
    pieces = np.add.reduceat(maps, np.arange(0, maps.shape[2], settings.samples), axis=2)
    for row, own in zip(rows, pieces, strict=True):
        row.values["map"] = own.ravel()


def _maps(
    rows: Sequence[Row], x: torch.Tensor, known: KnownNetwork, method: str
) -> Float[np.ndarray, "batch 12 time"]:
    """Heatmaps of the output that is explained, which depend neither on batch nor order."""
    about, chosen = known.finding.about, find(method)
    none = np.zeros(x.shape[2], np.int8)
    segments = np.stack([none if row.segments is None else row.segments for row in rows])
    training = known.training if chosen.facts.needs_background else None
    inputs = Inputs(
        [row.values["id"] for row in rows],
        torch.from_numpy(segments),
        None if training is None else training.background,
    )
    x = x.to(device_of(known.net))
    return attribute(chosen, known.net, x, about.target.index, about.seed, inputs).cpu().numpy()


@lru_cache(maxsize=1)  # for the parts of one loop
def _check_method(known: KnownNetwork, method: str) -> None:
    """Try the method on exact ECGs; ValueError where it would be wrong on this network."""
    rows = probes(known, PROBES)
    x = torch.from_numpy(np.stack([np.asarray(row.x, np.float32) for row in rows]))
    if reason := known.wrong(find(method)):
        raise ValueError(f"expected a method for this network, got {method}: {reason}")
    _maps(rows, x, known, method)


def probes(known: KnownNetwork, count: int) -> list[Row]:
    """Exact ECGs, on which a network and its methods are tried."""
    drawn = (draw_exact(seed=0, index=index) for index in range(count))
    input = known.finding.about.input
    return [_prepared(str(at), exact_record(one), input) for at, one in enumerate(drawn)]
