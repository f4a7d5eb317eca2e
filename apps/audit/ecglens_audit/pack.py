"""The folder that a reviewer is handed: page, document, model card, TRIPOD+AI in full, hashes."""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from ecglens.eval import MOST_KEPT
from ecglens.eval.statistics import REPLICATES
from ecglens.report import across, environment
from ecglens.report.text import target_words
from ecglens.store import printable, write_text

from . import FORMS, FUTURE_AI, SCORECARD, TRIPOD
from .forms import claimed, future_ai, scorecard
from .maps import CLAIMS, judged_over, maps
from .network import WRITTEN_BY_YOU, data, doses, error, limits, what_it_is
from .sources import YOURS, Cell, Row, Run, from_folder, opened
from .word import word_of

PAGE, DOCUMENT, CARD = "audit.html", "audit.docx", "model_card.md"
MANIFEST, METHODS = "MANIFEST", "methods"
LISTED = re.compile(r"[0-9a-f]{64}  (?P<path>.+)")  # a line of the manifest
DOSES = 4  # on the page; the model card has all


def audit(run: str | Path, to: str | Path = "audit", forms: Sequence[str] = FORMS) -> Path:
    """Write the audit pack of a finished run into the folder `to`; the path of its page.

    `forms` are those to fill, of FORMS. Numbers are made again from the findings of the run
    (eval.answers_of, eval.rank); what was not tested is blank. Nothing that the run's settings name
    is called. Raises ValueError for other forms, a folder without findings, a run of several
    targets, files that are not what the run saved, and a MANIFEST of others in `to`.
    """
    if unknown := [each for each in forms if each not in FORMS]:
        raise ValueError(f"expected forms of {', '.join(FORMS)}, got {', '.join(unknown)}")
    found, folder = opened(Path(run)), Path(to)
    written = content(found, forms)
    for earlier in _earlier(folder):  # maybe of another run
        earlier.unlink(missing_ok=True)
    if (section := found.section) is not None:
        section.write(folder / METHODS)
    page = environment(__package__ or "").get_template(PAGE)
    listed = [*found.listed(folder)]
    write_text(folder / CARD, _card(found, written, listed))
    hashes = found.hashes()
    path = write_text(
        folder / PAGE,
        page.render(
            **written,
            files=[
                (file.number, name, address, [*file.keys], hashes[file.paths[0]])
                for file, name, address in listed
            ],
            tripod=section.tripod.to_dict("records") if section and TRIPOD in forms else [],
            methods=f"{METHODS}/{section.key}-tripod.md" if section else "",
        ),
    )
    (folder / DOCUMENT).write_bytes(word_of(path.read_text("utf-8")))
    # Other files of the folder are none of the pack.
    own = (f"{section.key}.", f"{section.key}-") if section else ()
    methods = [each for each in sorted((folder / METHODS).glob("*")) if each.name.startswith(own)]
    parts = [folder / CARD, folder / PAGE, folder / DOCUMENT, *methods]
    of_pack = {part: sha256(part.read_bytes()).hexdigest() for part in parts}
    lines = [
        f"{each}  {printable(from_folder(folder, file))}"
        for file, each in (of_pack | hashes).items()
    ]
    write_text(folder / MANIFEST, "\n".join(lines) + "\n")
    return path


def _earlier(folder: Path) -> list[Path]:
    """The manifest of a pack that lies in the folder, and the files that it lists below METHODS.

    Raises ValueError for a manifest of others: what lies beside it is theirs.
    """
    manifest = folder / MANIFEST
    if not manifest.exists():
        return []
    found = [manifest]
    for line in manifest.read_text("utf-8", errors="replace").splitlines():
        listed = LISTED.fullmatch(line)
        if listed is None:
            raise ValueError(
                f"expected in {manifest} the hashes of an earlier pack, got another file; give "
                "another folder as --to"
            )
        if re.fullmatch(rf"{METHODS}/[^/]+", listed["path"]):
            found.append(folder / listed["path"])
    return found


def content(run: Run, forms: Sequence[str]) -> dict[str, Any]:
    """Values for the page and the model card."""
    first = {"is_": what_it_is(run), "data": data(run), "error": error(run)}  # cited first
    first |= {"doses": doses(run, DOSES), "limits": limits(run)}
    shown = maps(run)
    pairs = zip(run.places, run.findings, strict=True)
    unsigned = [from_folder(run.folder, place) for place, each in pairs if not each.own]
    return first | {
        "title": f"{target_words(run.main.about.target)} network",
        "said": across([run.answer]) if run.answer else "",
        "claimed": claimed(run, shown),
        "unsigned": unsigned if len(unsigned) < len(run.places) else ["all findings"],
        "yours": WRITTEN_BY_YOU,
        "claims": [*CLAIMS.values()],
        "most_kept": MOST_KEPT,
        "maps": shown,
        "replicates": REPLICATES,
        "judged_over": judged_over(run),
        "card": scorecard(run, shown) if SCORECARD in forms else None,
        "future_ai": future_ai(run, shown) if FUTURE_AI in forms else None,
    }


def _card(run: Run, found: dict[str, Any], files: Sequence[Any]) -> str:
    """Model card in Markdown; texts of the run cannot add markup to it."""
    title = _plain(found["title"])
    note = "Numbers in brackets are the files below; audit.html has the tests of heatmaps."
    lines = [f"# Model card: {title}", "", note]
    parts = {"Network": found["is_"], "Data": found["data"], "Error": found["error"],
             "Response to known changes": doses(run)}  # fmt: skip
    for heading, rows in parts.items():
        lines += ["", f"## {heading}", "", *_rows(rows)]
    answer = f"{_plain(found['said'])} {_said(found['claimed'])}".strip()
    lines += ["", "## Heatmaps", "", answer, "", "## Limits", ""]
    lines += [f"- {_said(each)}" for each in found["limits"]]
    lines += ["", "## Yours to write", ""]
    lines += [f"- **{name}** ({words}): " for name, words in WRITTEN_BY_YOU.items()]
    lines += ["", "## Files", ""]
    lines += [f"{file.number}. {_plain(name)}" for file, name, _ in files]
    return "\n".join([*lines, ""])


def _rows(rows: Sequence[Row]) -> Iterator[str]:
    for name, cell, yours in rows:
        more = f" *{YOURS}: {yours}*" if yours and yours != YOURS else ""
        yield f"- **{_plain(name)}**: {_said(cell, yours == YOURS)}{more}"


def _said(cell: Cell, yours: bool = False) -> str:
    if not cell.text:
        return f"*{YOURS if yours else cell.blank}*"
    cited = f" [{', '.join(map(str, cell.cited))}]" if cell.cited else ""
    return f"{_plain(cell.text)}{cited}"


def _plain(text: str) -> str:
    """Text of a run without line ends, tags and marks of Markdown."""
    shown = escape(printable(text), quote=False)
    return "".join(f"\\{letter}" if letter in "\\`*_[]|#" else letter for letter in shown)
