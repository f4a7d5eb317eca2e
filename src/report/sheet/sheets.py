"""ECGs to sheets, one after the other."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ...datamodules import Excluded, Given, Prepared, Target, prepare
from ...ecg import Record
from ...eval import progress_bar
from ..privacy.pseudonyms import Pseudonyms
from ..text.numerals import counted
from ..text.words import target_words
from .content import EcgSheet
from .known import KnownNetwork
from .write import SheetWriter

SEPARATOR = "; "  # of the flags of a prepared ECG


@dataclass(frozen=True)
class Written:
    """The page that lists all ECGs, and the number of those that were left out."""

    page: Path
    left_out: int


def write_sheets(given: Sequence[Given], known: KnownNetwork, folder: Path) -> Written:
    """Write a sheet for each ECG and a table of all; each is named on standard output."""
    writer = SheetWriter(folder, Pseudonyms(known.store))
    total = sum(len(each.records.reader) for each in given)
    left_out = 0
    with progress_bar(total, "sheets", total > 1) as done:
        for one in given:
            for name, item in _each(one, known):
                if isinstance(item, Excluded):
                    left_out += 1
                    shown = writer.leave_out(
                        one.records.name, item.name, one.may_leave, item.reason
                    )
                    done.write(f"left out: {_both(item.name, shown)}: {item.reason}", sys.stdout)
                else:
                    own = writer.shown(one.records.name, name, one.may_leave)
                    page = writer.write(_sheet(item, one, known, own))
                    done.write(f"{_both(name, own)}: {page}", sys.stdout)
                done.update()
    title = f"{target_words(known.finding.about.target)} of {counted(total, 'ECG')}"
    return Written(writer.finish(title), left_out)


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


def _each(given: Given, known: KnownNetwork) -> Iterator[tuple[str, _Prepared | Excluded]]:
    """Every ECG by name: prepared, or the reason why it is left out."""
    reader, about = given.records.reader, known.finding.about
    prepared = prepare(given.records, known.store, about.input)
    row_of = {name: row for row, name in enumerate(prepared.table["id"])} if len(prepared) else {}
    reasons = dict(prepared.excluded)
    for place in range(len(reader)):
        (item,) = reader.read(place, place + 1)
        if isinstance(item, Excluded):
            yield item.name, item
        elif item.id in row_of:
            yield item.id, _Prepared(prepared, row_of[item.id], item, about.target)
        else:
            yield item.id, Excluded(item.id, reasons.get(item.id, "it changed while it was read"))


def _sheet(ecg: _Prepared, given: Given, known: KnownNetwork, name: str) -> EcgSheet:
    outputs = known.outputs(ecg.x)
    heatmap, why_none = None, known.supported.reason
    try:
        heatmap = known.heatmap(ecg.x, ecg.segments, ecg.record.id)
    except ValueError as problem:  # the method's own check on this ECG
        why_none = f"It cannot be made for this ECG: {problem}"
    target = known.finding.about.target
    measured, by = _measured(ecg, target)
    return EcgSheet(
        name=name,
        reader=given.records.name,
        x=ecg.x[0].numpy(),
        segments=ecg.segments[0].numpy(),
        strip=ecg.record.signal,
        fs=ecg.record.fs,
        outputs=outputs,
        finding=known.finding,
        supported=known.supported,
        heatmap=heatmap,
        why_none="" if heatmap is not None else why_none,
        flags=_flags(ecg, known, float(outputs[target.index])),
        measured=measured,
        measured_by=by,
        ranges=known.ranges,
        read=known.read(ecg.x.shape[-1]),
    )


def _flags(ecg: _Prepared, known: KnownNetwork, output: float) -> tuple[str, ...]:
    """Findings on the signal, then values outside those of the training ECGs."""
    found = [flag for flag in str(ecg.measured["flags"]).split(SEPARATOR) if flag]
    if ecg.why_unmeasured:
        name = known.finding.about.target.name
        found.append(f"ECGLens measures no {name} here: {ecg.why_unmeasured}")
    values = {
        "amplitude": float(np.ptp(ecg.x[0].numpy(), axis=1).max()) / 1e3,
        "rate": float(ecg.measured["rate"]),
        "prediction": output,
    }
    outside = (each.words(values[each.name]) for each in known.ranges)
    return (*found, *filter(None, outside))


def _measured(ecg: _Prepared, target: Target) -> tuple[float, str]:
    """The target in its unit as it came with the file or was measured, and by whom; NaN without."""
    value = float(ecg.measured[target.column]) if ecg.has_target else np.nan
    given = target.column in str(ecg.measured["given"]).split(SEPARATOR)
    return value, "that came with the file" if given else "measured by ECGLens"
