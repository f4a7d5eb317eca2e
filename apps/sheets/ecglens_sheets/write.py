"""The files of sheets: HTML, PDF, PNG and JSON of each ECG, and a table of all."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import torch
from ecglens.datamodules import Excluded, Given, Prepared, Target, prepare
from ecglens.ecg import MARGIN_MS, Record, margin_ms
from ecglens.eval import progress_bar
from ecglens.registry import offered
from ecglens.report import (
    Pseudonyms,
    environment,
    installed_versions,
    plain_reason,
    plain_settings,
    unique_key,
    write_file,
    write_table,
)
from ecglens.report.figures import png, small_png
from ecglens.report.text import counted, target_words
from ecglens.store import write_json, write_text
from matplotlib.figure import Figure

from .content import EcgSheet, probability_of
from .known import KnownNetwork
from .page import first_page, panel_figure, panels, strip_page
from .words import NOT_CLINICAL, blocks, caution_of, flags_of, reading, settings_of

COLUMNS = (
    "ecg", "sheet", "reading", "value", "unit", "heatmap", "caution", "flags", "left_out",
)  # fmt: skip
PICTURE = 2_000_000  # characters of base64 for a piece of paper
PHONE_PX_PER_MM = 2.2  # at least: a median beat fills a phone, longer paper is scrolled


@dataclass
class SheetWriter:
    """Writes sheets into `folder`; ECGs that may not leave the machine have `names`."""

    folder: Path
    names: Pseudonyms
    rows: list[dict[str, Any]] = field(default_factory=list)

    def shown(self, source: str, name: str, may_leave: bool, reason: str = "") -> str:
        """The name of an ECG on its sheet."""
        return name if may_leave else self.names.of(source, name, reason)

    def write(self, sheet: EcgSheet) -> Path:
        """Write the four files of one sheet; the path of its page."""
        key = unique_key(sheet.name, {row["key"] for row in self.rows})
        pages = [page for page in (first_page(sheet), strip_page(sheet)) if page is not None]
        write_file(self.folder / f"{key}.pdf", _pdf(pages))
        for number, page in enumerate(pages, 1):
            write_file(self.folder / f"{key}{'' if number == 1 else '-leads'}.png", png(page))
        settings = plain_settings(sheet.finding.facts.get("settings", {}), self.names)
        said = {
            "flags": list(flags_of(sheet)),
            "settings": settings,
            "versions": installed_versions(),
        }
        write_json(self.folder / f"{key}.json", sheet.plain() | said)
        page = self.folder / f"{key}.html"
        write_text(page, self._html(sheet, key, settings))
        self.rows.append(self._row(sheet, key))
        return page

    def leave_out(self, source: str, name: str, may_leave: bool, reason: str) -> str:
        """Count an ECG without a sheet; its name on the pages."""
        shown = self.shown(source, name, may_leave, reason)
        said = reason if may_leave else plain_reason(reason, name)
        key = unique_key(shown, {row["key"] for row in self.rows})
        self.rows.append({"ecg": shown, "key": key, "left_out": said})
        return shown

    def finish(self, title: str) -> Path:
        """Write the table of all ECGs, and the key of pseudonyms if there are any; its page."""
        table = pd.DataFrame(self.rows).reindex(columns=[*COLUMNS])
        write_table(table, self.folder / "sheets.csv")
        named = self.names.save(self.folder) is not None
        page = environment(__package__ or "").get_template("sheets.html").render(
            title=title,
            rows=[row for row in self.rows if "left_out" not in row],
            left_out=[row for row in self.rows if "left_out" in row],
            counted=counted(sum("left_out" not in row for row in self.rows), "ECG"),
            not_clinical=NOT_CLINICAL,
            pseudonyms=named,
        )  # fmt: skip
        return write_text(self.folder / "sheets.html", page)

    def _html(self, sheet: EcgSheet, key: str, settings: Mapping[str, Any]) -> str:
        strip, found = strip_page(sheet), panels(sheet)
        widest = max(panel.sheet.width for panel in found)
        papers = [
            {
                "picture": small_png(png(panel_figure(panel)), PICTURE),
                "caption": panel.caption,
                "heated": any(trace.levels.any() for trace in panel.traces),
                "percent": 100.0 * panel.sheet.width / widest,
                "least": PHONE_PX_PER_MM * panel.sheet.width,
            }
            for panel in found
        ]
        return environment(__package__ or "").get_template("sheet.html").render(
            name=sheet.name,
            reading=reading(sheet),
            not_clinical=NOT_CLINICAL,
            blocks=blocks(sheet),
            about=settings_of(sheet),
            papers=papers,
            leads=None if strip is None else small_png(png(strip), PICTURE),
            caution=caution_of(sheet),
            settings=[(name, str(value)) for name, value in settings.items()],
            key=key,
        )  # fmt: skip

    def _row(self, sheet: EcgSheet, key: str) -> dict[str, Any]:
        target = sheet.finding.about.target
        binary = target.kind == "binary"
        return {
            "ecg": sheet.name,
            "key": key,
            "sheet": f"{key}.html",
            "reading": reading(sheet),
            "value": probability_of(sheet.output) if binary else sheet.output,
            "unit": "probability" if binary else target.unit,
            "heatmap": sheet.supported.method if sheet.heatmap is not None else "none",
            "caution": caution_of(sheet),
            "flags": "; ".join(flags_of(sheet)),
        }


def _pdf(pages: Sequence[Figure]) -> bytes:
    """Pages as one PDF whose text is text, without a date."""
    from matplotlib.backends.backend_pdf import PdfPages  # its fonts take a quarter of a second

    drawn = BytesIO()
    with (
        mpl.rc_context({"pdf.fonttype": 42}),
        PdfPages(drawn, metadata={"CreationDate": None, "Title": "ECGLens"}) as file,
    ):
        for page in pages:
            file.savefig(page)
    return drawn.getvalue()


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
    left_out, added = 0, _added(known)
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
                    page = writer.write(_sheet(item, one, known, own, added))
                    done.write(f"{_both(name, own)}: {page}", sys.stdout)
                done.update()
    title = f"{target_words(known.finding.about.target)} of {counted(total, 'ECG')}"
    return Written(writer.finish(title), left_out)


# Lines by heading about one row of prepared ECGs of files.
Added = Callable[[Given, Prepared, int], Mapping[str, Sequence[str]]]


def _added(known: KnownNetwork) -> list[Added]:
    """What installed packages add to sheets of this network.

    An entry point of `ecglens.sheets` is a function from the network to `Added`, or to None where
    it has nothing to say.
    """
    every = (point.load()(known) for point in offered("sheets").values())
    return [each for each in every if each is not None]


def _both(name: str, shown: str) -> str:
    return name if name == shown else f"{name} ({shown})"


class _Prepared:
    """One prepared ECG with its record."""

    def __init__(self, prepared: Prepared, row: int, record: Record, target: Target) -> None:
        rows = np.array([row])
        self.prepared, self.row = prepared, row
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


def _sheet(
    ecg: _Prepared, given: Given, known: KnownNetwork, name: str, added: Sequence[Added]
) -> EcgSheet:
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
        added={k: v for each in added for k, v in each(given, ecg.prepared, ecg.row).items()},
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
    if target.column in str(ecg.measured["given"]).split(SEPARATOR):
        return value, "that came with the file"
    by = "measured by ECGLens"
    if target.column in MARGIN_MS and not np.isnan(value):
        margin = margin_ms(target.column, float(ecg.measured[f"{target.column}_sd"]))
        by += f" (± {margin:.0f} ms)" if np.isfinite(margin) else " (it cannot be repeated)"
    return value, by
