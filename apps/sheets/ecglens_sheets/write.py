"""The files of sheets: HTML, PDF, PNG and JSON of each ECG, and a table of all."""

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from ecglens.datamodules import Excluded, Prepared
from ecglens.eval import progress_bar
from ecglens.models import UnknownEcg
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
from ecglens.report.figures import png, small_pngs
from ecglens.report.text import counted, target_words
from ecglens.store import csv_text, files_listed, keep_private, read_json, write_json, write_text
from matplotlib.figure import Figure

from .content import EcgSheet, probability_of
from .ecgs import PreparedEcg, ecgs_of, sheet_of
from .exchange import EXCHANGED, check_exchange
from .files import Given
from .known import KnownNetwork
from .page import first_page, measured_line, panel_figure, panels, second_page
from .words import (
    NOT_CLINICAL,
    blocks,
    caution_of,
    flags_of,
    reading,
    settings_of,
    side_by_side,
    to_test,
)

COLUMNS = (
    "ecg", "sheet", "reading", "value", "unit", "doubt", "measured", "unmeasured", "agreement",
    "heatmap", "caution", "flags", "left_out",
)  # fmt: skip
KEY = "pseudonyms.csv"  # as Pseudonyms.save calls it
FILES = "files"  # of a sheet, in its file of numbers
# Characters of base64 for the pictures of a page. A beat takes half of it, a strip with noise more.
PICTURES = 265_000
PHONE_PX_PER_MM = 2.2  # at least: a median beat fills a phone, longer paper is scrolled


@dataclass
class SheetWriter:
    """Writes sheets into `folder`; ECGs that may not leave the machine have `names`.

    `also` are formats of exchange.EXCHANGED that each is written in. Errors as in check_exchange.
    """

    folder: Path
    names: Pseudonyms
    rows: list[dict[str, Any]] = field(default_factory=list)
    also: Sequence[str] = ()
    replaced: list[Path] = field(default_factory=list)  # pages that were there before

    def __post_init__(self) -> None:
        check_exchange(self.also)

    def shown(self, source: str, name: str, may_leave: bool, reason: str = "") -> str:
        """The name of an ECG on its sheet."""
        return name if may_leave else self.names.of(source, name, reason)

    def write(self, sheet: EcgSheet) -> Path:
        """Write the files of one sheet; the path of its page."""
        key = self._key(sheet.name)
        page = self.folder / f"{key}.html"
        if self._clear(key):
            self.replaced.append(page)
        others = dict(EXCHANGED[each] for each in self.also)
        for each in (self.folder / f"{key}{ending}" for ending in others):
            if each.exists():
                raise ValueError(
                    f"expected in --to a folder without {each.name}, got one of another origin: "
                    "give a folder of its own"
                )
        papers = [first_page(sheet), second_page(sheet)]
        pdf, pictures = _pdf(papers), [png(each) for each in papers]
        kind = "leads" if sheet.several_beats else "beat"
        made = {".pdf": pdf, ".png": pictures[0], f"-{kind}.png": pictures[1]}
        made |= {ending: of(sheet, pdf) for ending, of in others.items()}
        settings = plain_settings(sheet.finding.facts.get("settings", {}), self.names)
        said = {
            "flags": list(flags_of(sheet)),
            "settings": settings,
            "versions": installed_versions(),
            FILES: [f"{key}{ending}" for ending in (".html", *made, ".json")],
        }
        # First, so that what a killed process has written is known as this sheet's.
        write_json(self.folder / f"{key}.json", sheet.plain() | said)
        for ending, content in made.items():
            write_file(self.folder / f"{key}{ending}", content)
        leads = pictures[1] if sheet.several_beats else None
        write_text(page, self._html(sheet, key, settings, leads))
        self.rows.append(self._row(sheet, key))
        return page

    def leave_out(self, source: str, name: str, may_leave: bool, reason: str) -> str:
        """Count an ECG without a sheet; its name on the pages."""
        shown = self.shown(source, name, may_leave, reason)
        said = reason if may_leave else plain_reason(reason, name)
        key = self._key(shown)
        self._clear(key)
        self.rows.append({"ecg": shown, "key": key, "left_out": said})
        return shown

    def _key(self, name: str) -> str:
        """Key of this ECG's files, which are no other ECG's, of this call or an earlier one."""
        taken = {row["key"] for row in self.rows}
        while self._ecg_of(key := unique_key(name, taken)) not in ("", name):
            taken.add(key)
        return key

    def _ecg_of(self, key: str) -> str | None:
        """ECG of the sheet with this key in the folder; "" for no files, None for no sheet's."""
        numbers = self.folder / f"{key}.json"
        return read_json(numbers).get("ecg") if files_listed(numbers, FILES) else ""

    def _clear(self, key: str) -> bool:
        """Remove an earlier sheet, not all of whose files would be written again; True if it was.

        Its file of numbers names them: others of the same beginning are somebody's ECGs.
        """
        files = files_listed(self.folder / f"{key}.json", FILES)
        own = [each for each in files if each.name.startswith(key)]
        for each in own:
            each.unlink()
        return bool(own)

    def finish(self, target: str) -> Path:
        """Write the table of all ECGs, and the key of pseudonyms if there are any; its page.

        Sheets that were in the folder stay in both, but those of ECGs that were explained again.
        """
        self.rows = [*self._earlier(), *self.rows]
        table = pd.DataFrame(self.rows).reindex(columns=[*COLUMNS])
        write_table(table, self.folder / "sheets.csv")
        named = self._key_kept()
        page = environment(__package__ or "").get_template("sheets.html").render(
            title=f"{target} of {counted(len(self.rows), 'ECG')}",
            rows=[row for row in self.rows if "left_out" not in row],
            left_out=[row for row in self.rows if "left_out" in row],
            counted=counted(sum("left_out" not in row for row in self.rows), "ECG"),
            not_clinical=NOT_CLINICAL,
            pseudonyms=named,
        )  # fmt: skip
        return write_text(self.folder / "sheets.html", page)

    def _earlier(self) -> Iterator[dict[str, Any]]:
        """Rows of sheets that are in the folder and were not made now."""
        now = {row.get(name) for row in self.rows for name in ("ecg", "sheet")}
        for row in _read(self.folder / "sheets.csv"):
            made = row["sheet"] and (self.folder / row["sheet"]).is_file()
            if made and not now & {row["ecg"], row["sheet"]}:
                yield {name: row.get(name, "") for name in COLUMNS if name != "left_out"}

    def _key_kept(self) -> bool:
        """Write the key of pseudonyms, with what it held; True if there are any."""
        before = _read(self.folder / KEY)
        saved = self.names.save(self.folder)
        if saved is not None and before:
            rows = {row["pseudonym"]: row for row in [*before, *_read(saved)]}
            write_text(saved, csv_text(pd.DataFrame([*rows.values()])), mode=0o600)
        return saved is not None or bool(before)

    def _html(
        self, sheet: EcgSheet, key: str, settings: Mapping[str, Any], leads: bytes | None
    ) -> str:
        found = panels(sheet)
        widest = max(panel.sheet.width for panel in found)
        drawn = [png(panel_figure(panel)) for panel in found]
        pictures = small_pngs(drawn if leads is None else [*drawn, leads], PICTURES)
        papers = [
            {
                "picture": picture,
                "caption": panel.caption,
                "heated": any(trace.levels.any() for trace in panel.traces),
                "percent": 100.0 * panel.sheet.width / widest,
                "least": PHONE_PX_PER_MM * panel.sheet.width,
            }
            for picture, panel in zip(pictures, found, strict=False)  # of the leads last
        ]
        return environment(__package__ or "").get_template("sheet.html").render(
            name=sheet.name,
            **side_by_side(sheet),
            compared=sheet.finding.about.target.kind != "binary",
            person=sheet.person,
            doubt=sheet.doubt,
            measured_words=measured_line(sheet),
            not_clinical=NOT_CLINICAL,
            blocks=blocks(sheet),
            about=settings_of(sheet) + to_test(sheet) * sheet.evaluated,
            papers=papers,
            leads=None if leads is None else pictures[-1],
            caution=caution_of(sheet),
            settings=[(name, str(value)) for name, value in settings.items()],
            key=key,
        )  # fmt: skip

    def _row(self, sheet: EcgSheet, key: str) -> dict[str, Any]:
        target = sheet.finding.about.target
        binary, said = target.kind == "binary", side_by_side(sheet)
        known, verdict = math.isfinite(sheet.measured), f"{said['verdict']}: {said['why']}"
        return {
            "ecg": sheet.name,
            "key": key,
            "sheet": f"{key}.html",
            "reading": reading(sheet),
            "value": probability_of(sheet.output) if binary else sheet.output,
            "unit": "probability" if binary else target.unit,
            "doubt": sheet.doubt,
            "measured": "" if binary else said["measured"],
            "unmeasured": "" if binary or known else said["by"],
            "agreement": verdict.removeprefix("–: ") if known and not binary else "",
            "heatmap": sheet.supported.method if sheet.heatmap is not None else "none",
            "caution": caution_of(sheet),
            "flags": "; ".join(flags_of(sheet)),
        }


def _read(table: Path) -> list[dict[str, Any]]:
    """Rows of a table that is there, texts as they are; none otherwise."""
    if not table.is_file():
        return []
    return pd.read_csv(table, dtype=str, keep_default_na=False).to_dict("records")


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


@dataclass(frozen=True)
class Written:
    """The page that lists all ECGs, and the number of those that were left out."""

    page: Path
    left_out: int


def write_sheets(
    given: Sequence[Given], known: KnownNetwork, folder: Path, also: Sequence[str] = ()
) -> Written:
    """Write a sheet for each ECG and a table of all; each is named on standard output.

    `also` are further formats, "fhir" and "dicom". Unless all ECGs may leave this machine, files
    are private from now on.
    """
    if not all(each.may_leave for each in given):
        keep_private()
    writer = SheetWriter(folder, Pseudonyms(known.store), also=also)
    total = sum(len(each.records.reader) for each in given)
    added, target = _added(known), target_words(known.finding.about.target)
    try:
        with progress_bar(total, "sheets", total > 1) as done:
            for one in given:
                for name, item in ecgs_of(one, known):
                    done.write(_line(writer, one, name, item, known, added), sys.stdout)
                    done.update()
    except BaseException:
        if writer.rows:  # sheets of a call that was stopped are listed too
            writer.finish(target)
        raise
    left_out = sum("left_out" in row for row in writer.rows)  # before earlier sheets join them
    return Written(writer.finish(target), left_out)


def _line(
    writer: SheetWriter, one: Given, name: str, item: PreparedEcg | Excluded, known: KnownNetwork,
    added: "Sequence[Added]",
) -> str:  # fmt: skip
    """Write the sheet of an ECG or leave it out; the line that says so."""
    source = one.records.name
    found: EcgSheet | Excluded
    if isinstance(item, Excluded):
        found = item
    else:
        own = writer.shown(source, name, one.may_leave)
        said = (each(one, item.prepared, item.row).items() for each in added)
        lines = {heading: text for each in said for heading, text in each}
        try:
            found = sheet_of(item, known, own, source, lines, one.may_leave)
        except UnknownEcg as problem:  # values beside it are not known
            found = Excluded(name, str(problem))
    if isinstance(found, Excluded):
        shown = writer.leave_out(source, found.name, one.may_leave, found.reason)
        return f"left out: {_both(found.name, shown)}: {found.reason}"
    page = writer.write(found)
    gone = ", in place of an earlier sheet of this name" if page in writer.replaced else ""
    return f"{_both(name, found.name)}: {page}{gone}"


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
