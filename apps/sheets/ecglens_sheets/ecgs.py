"""From ECGs that were prepared to the content of their sheets."""

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from ecglens.datamodules import (
    DATA_SET,
    ECGLENS,
    MEASURED,
    SEPARATOR,
    Excluded,
    Prepared,
    Reader,
    Target,
    maker_of,
    prepare,
    readers_in,
)
from ecglens.ecg import BEAT_LENGTH, FS_HZ, LEADS, MARGIN_MS, Record, margin_ms
from ecglens.report.text import target_words

from .content import AMPLITUDE, DOUBTED_GAIN, EcgSheet, dead_leads, meaningless
from .files import Given
from .known import KnownNetwork
from .measured import (
    OLDEST,
    PERSONAL,
    WITHHELD,
    Measured,
    beat_and_count,
    measured_of,
    person,
    seen,
)


class PreparedEcg:
    """One prepared ECG of a reader for a network of this target.

    Without `record` its strip is what is read. `x` is (1, 12, time) in µV at 500 Hz with the marks
    `segments`, `strip` (12, time) in µV at `fs`; `measured` is its row of the prepared table, in
    ms, µV and 1/min, and `maker` who made the target there (MAKERS of datamodules.records).
    """

    def __init__(
        self,
        prepared: Prepared,
        row: int,
        target: Target,
        reader: Reader,
        record: Record | None = None,
    ) -> None:
        rows = np.array([row])
        self.prepared, self.row = prepared, row
        self.x = torch.from_numpy(prepared.x(rows))
        self.segments = torch.from_numpy(prepared.segments(rows))
        self.measured = prepared.table.iloc[row]
        self.id = str(self.measured["id"])
        self.record = record
        self.strip = self.x[0].numpy() if record is None else record.signal
        self.fs = FS_HZ if record is None else record.fs
        self.has_target = (
            target.kind == "regression" and target.table is None and target.column in self.measured
        )
        self.given = str(self.measured["given"]).split(SEPARATOR)
        self.maker = ECGLENS
        if target.column in self.given:
            several = [*readers_in(reader).values()]
            own = several[int(self.measured[DATA_SET])] if several else reader
            self.maker = maker_of(own, target.column)
        tried = self.has_target and target.column in MEASURED  # an age is not measured here
        missing = prepared.without(target.column) if tried else []
        self.why_unmeasured = dict(missing).get(self.id, "")

    @property
    def flags(self) -> list[str]:
        """Findings on its signal."""
        return [flag for flag in str(self.measured["flags"]).split(SEPARATOR) if flag]

    @property
    def marks(self) -> Measured:
        """What was measured of it; without its record the axis of a median beat alone."""
        if self.record is not None:
            beat, count = beat_and_count(self.record)
        else:
            beat, count = (self.x[0].numpy() if self.x.shape[-1] == BEAT_LENGTH else None), 0
        if dead_leads(self.flags).keys() & {"I", "II"}:
            beat = None  # its axis would be one of noise: aVF follows from I and II
        return measured_of(self.measured, beat, count, self.given)


def ecgs_of(given: Given, known: KnownNetwork) -> Iterator[tuple[str, PreparedEcg | Excluded]]:
    """Every ECG by name: prepared, or the reason why it is left out, with settings of --set."""
    reader, about = given.records.reader, known.finding.about
    prepared = prepare(given.records, known.store, about.input)
    row_of = {name: row for row, name in enumerate(prepared.table["id"])} if len(prepared) else {}
    reasons = dict(prepared.excluded)
    for place in range(len(reader)):
        (item,) = reader.read(place, place + 1)
        if isinstance(item, Excluded):
            yield item.name, Excluded(item.name, of_set(item.reason))
        elif item.id in row_of:
            yield item.id, PreparedEcg(prepared, row_of[item.id], about.target, reader, item)
        else:
            reason = reasons.get(item.id, "it changed while it was read")
            yield item.id, Excluded(item.id, of_set(reason))


def of_set(reason: str) -> str:
    """A reason that names a setting as `ecglens explain` takes it."""
    return re.sub(r"\bdata\.(?=\w+=)", "--set ", reason)


def sheet_of(
    ecg: PreparedEcg,
    known: KnownNetwork,
    name: str,
    reader: str,
    added: Mapping[str, Sequence[str]] | None = None,
    may_leave: bool = False,
) -> EcgSheet:
    """Sheet of one ECG under this name, read by the reader of this name.

    `added` are further lines by their heading. Age and sex are on it where they `may_leave` the
    machine, also as the target. A map of what this ECG does not have, or that the method refuses
    for it, is None, for the reason in `why_none`; it is 0 in leads without a heart signal.
    """
    outputs = known.outputs(ecg.x)
    target = known.finding.about.target
    heatmap, why_none = None, known.supported.reason
    if none := meaningless(target, ecg.why_unmeasured):
        why_none = f"{none}."
    else:
        try:
            heatmap = known.heatmap(ecg.x, ecg.segments, ecg.id)
        except ValueError as problem:  # the method's own check on this ECG
            why_none = f"It cannot be made for this ECG: {problem}"
    measured, by, margin = _measured(ecg, target, may_leave)
    flags = _flags(ecg, target)
    if heatmap is not None:
        heatmap[[LEADS.index(lead) for lead in dead_leads(flags)]] = 0.0
    outside = _outside(ecg, known, float(outputs[target.index]))
    return EcgSheet(
        name=name,
        reader=reader,
        x=ecg.x[0].numpy(),
        segments=ecg.segments[0].numpy(),
        strip=ecg.strip,
        fs=ecg.fs,
        outputs=outputs,
        finding=known.finding,
        supported=known.supported,
        heatmap=heatmap,
        why_none="" if heatmap is not None else why_none,
        flags=(*flags, *_beside(flags, outside)),
        measured=measured,
        margin=margin,
        measured_by=by,
        maker=ecg.maker,
        why_unmeasured=ecg.why_unmeasured,
        person=person(ecg.measured, ecg.given, may_leave),
        marks=ecg.marks,
        outside=bool(outside),
        ranges=known.ranges,
        read=known.read(ecg.x.shape[-1]),
        added=added or {},
    )


def _flags(ecg: PreparedEcg, target: Target) -> tuple[str, ...]:
    """Findings on the signal, and why the target was not measured."""
    found = ecg.flags
    if why := ecg.why_unmeasured:
        none = f"no {target_words(target)} is measured here: {seen(why)}"
        found.append(meaningless(target, why) or none)
    return tuple(found)


def _outside(ecg: PreparedEcg, known: KnownNetwork, output: float) -> tuple[str, ...]:
    """Values outside those of the training ECGs."""
    values = {
        "amplitude": float(np.ptp(ecg.x[0].numpy(), axis=1).max()) / 1e3,
        "rate": float(ecg.measured["rate"]),
        "prediction": output,
    }
    said = (each.words(values[each.name]) for each in known.ranges)
    return tuple(filter(None, said))


def _beside(flags: Sequence[str], outside: Sequence[str]) -> list[str]:
    """Values outside the training ECGs, without an amplitude whose unit a flag doubts already."""
    doubted = any(flag.startswith(DOUBTED_GAIN) for flag in flags)
    return [each for each in outside if not (doubted and each.startswith(AMPLITUDE))]


def _measured(ecg: PreparedEcg, target: Target, may_leave: bool) -> tuple[float, str, float]:
    """The target in its unit as it came with the file or was measured, by whom, and its ±.

    Numbers are NaN where they are not known.

    Age and sex are withheld as `person` withholds them.
    """
    value = float(ecg.measured[target.column]) if ecg.has_target else np.nan
    if np.isnan(value):
        return value, "", np.nan
    if target.column in ecg.given:
        if target.column in PERSONAL and (value > OLDEST or not may_leave):
            return np.nan, WITHHELD, np.nan
        return value, "that came with the file", np.nan
    by, margin = "measured by ECGLens", np.nan
    if target.column in MARGIN_MS:
        margin = margin_ms(target.column, float(ecg.measured[f"{target.column}_sd"]))
        by += f" (± {margin:.0f} ms)" if np.isfinite(margin) else " (it cannot be repeated)"
    return value, by, margin
