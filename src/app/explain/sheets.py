"""ECGs to sheets, one after the other."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from ...datamodules import Excluded, Prepared, Target, prepare
from ...ecg import Record
from ...eval import progress_bar
from ...report import EcgSheet, Pseudonyms, SheetWriter
from .files import Given
from .run import Run

SEPARATOR = "; "  # of the flags of a prepared ECG


def write_all(given: Sequence[Given], run: Run, folder: Path) -> int:
    """Write a sheet for each ECG and a table of all; the number of ECGs that were left out."""
    writer = SheetWriter(folder, Pseudonyms(run.job.store))
    total = sum(len(each.records.reader) for each in given)
    left_out = 0
    with progress_bar(total, "sheets", total > 1) as done:
        for one in given:
            for name, item in _each(one, run):
                if isinstance(item, Excluded):
                    left_out += 1
                    shown = writer.leave_out(
                        one.records.name, item.name, one.may_leave, item.reason
                    )
                    done.write(f"left out: {_both(item.name, shown)}: {item.reason}", sys.stdout)
                else:
                    own = writer.shown(one.records.name, name, one.may_leave)
                    page = writer.write(_sheet(item, one, run, own))
                    done.write(f"{_both(name, own)}: {page}", sys.stdout)
                done.update()
    title = f"{run.job.target.name} of {total} ECG{'s' * (total != 1)}"
    print(writer.finish(title).resolve())
    return left_out


def _both(name: str, shown: str) -> str:
    return name if name == shown else f"{name} ({shown})"


class _Prepared:
    """One prepared ECG with its record."""

    def __init__(self, prepared: Prepared, row: int, record: Record, target: Target) -> None:
        rows = np.array([row])
        self.x = torch.from_numpy(prepared.x(rows))
        self.segments = torch.from_numpy(prepared.segments(rows))
        self.measured = prepared.table.iloc[row]
        self.record = record
        self.has_target = (
            target.kind == "regression" and target.table is None and target.column in self.measured
        )
        missing = prepared.without(target.column) if self.has_target else []
        self.why_unmeasured = dict(missing).get(record.id, "")


def _each(given: Given, run: Run) -> Iterator[tuple[str, _Prepared | Excluded]]:
    """Every ECG by name: prepared, or the reason why it is left out."""
    reader = given.records.reader
    prepared = prepare(given.records, run.job.store, run.job.config["input"]["name"])
    row_of = {name: row for row, name in enumerate(prepared.table["id"])} if len(prepared) else {}
    reasons = dict(prepared.excluded)
    for place in range(len(reader)):
        (item,) = reader.read(place, place + 1)
        if isinstance(item, Excluded):
            yield item.name, item
        elif item.id in row_of:
            yield item.id, _Prepared(prepared, row_of[item.id], item, run.job.target)
        else:
            yield item.id, Excluded(item.id, reasons.get(item.id, "it changed while it was read"))


def _sheet(ecg: _Prepared, given: Given, run: Run, name: str) -> EcgSheet:
    outputs = run.outputs(ecg.x)
    heatmap, why_none = None, run.supported.reason
    if run.supported.method:
        try:
            heatmap = run.heatmap(ecg.x, ecg.segments, ecg.record.id)
        except ValueError as problem:  # the method's own check on this ECG
            why_none = f"It cannot be made for this ECG: {problem}"
    measured, by = _measured(ecg, run)
    return EcgSheet(
        name=name,
        reader=given.records.name,
        x=ecg.x[0].numpy(),
        segments=ecg.segments[0].numpy(),
        strip=ecg.record.signal,
        fs=ecg.record.fs,
        outputs=outputs,
        finding=run.finding,
        supported=run.supported,
        heatmap=heatmap,
        why_none="" if heatmap is not None else why_none,
        flags=_flags(ecg, run, float(outputs[run.job.target.index])),
        measured=measured,
        measured_by=by,
        ranges=run.ranges,
    )


def _flags(ecg: _Prepared, run: Run, output: float) -> tuple[str, ...]:
    """Findings on the signal, then values outside those of the training ECGs."""
    found = [flag for flag in str(ecg.measured["flags"]).split(SEPARATOR) if flag]
    if ecg.why_unmeasured:
        found.append(f"ECGLens measures no {run.job.target.name} here: {ecg.why_unmeasured}")
    values = {
        "amplitude": float(np.ptp(ecg.x[0].numpy(), axis=1).max()) / 1e3,
        "rate": float(ecg.measured["rate"]),
        "prediction": output,
    }
    outside = (each.words(values[each.name]) for each in run.ranges)
    return (*found, *filter(None, outside))


def _measured(ecg: _Prepared, run: Run) -> tuple[float, str]:
    """The target in its unit as it came with the file or was measured, and by whom; NaN without."""
    target = run.job.target
    value = float(ecg.measured[target.column]) if ecg.has_target else np.nan
    given = target.column in str(ecg.measured["given"]).split(SEPARATOR)
    return value, "that came with the file" if given else "measured by ECGLens"
