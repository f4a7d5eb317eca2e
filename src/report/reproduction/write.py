"""Files and page of a reproduction."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...eval import Finding
from ...store import read_json, write_json, write_text
from ..figures.pictures import inline_svg, png, small_png, vector
from ..self_contained import environment, write_file
from ..tables import write_table
from ..views.choice import Choice
from .arends import arends
from .bender import bender
from .multiverse import multiverse_parts
from .part import Drawing, Part
from .storas import storas

# Studies whose figures leave nothing to choose.
OF_FINDINGS = {"arends": arends, "bender": bender, "multiverse": multiverse_parts}
PICTURE = 400_000  # characters of base64 for one figure on ECG paper
LONG = 40  # rows: a longer table fills a screen, and is closed at first
ABOUT, FILES = "reproduction.json", "Files"
TITLES = {
    "storas": "Storås 2025",
    "multiverse": "Multiverse of Storås 2025",
    "arends": "Arends 2026",
    "bender": "Bender 2023",
}


def write_reproduction(
    suite: str,
    findings: Sequence[Finding],
    about: Mapping[str, Any],
    folder: Path,
    choice: Choice | None = None,
) -> Path:
    """Write reproduction.html into `folder`, tables and figures beside it; its path.

    `findings` are those of all sweeps of the study; those of one target and input that differ in
    method or seed alone are brought together. `about` says what was run and goes to
    reproduction.json too. `choice` names the methods and ECGs of the heatmaps. Files of an earlier
    page in `folder` that this one has not are removed.
    Raises ValueError for no finding that the tables of the study are made from.
    """
    parts = parts_of(suite, findings, choice or Choice())
    folder.mkdir(parents=True, exist_ok=True)
    made = [path.name for part in parts for path in _write(part, folder)]
    for name in {*_files_of(folder / ABOUT)} - {*made}:
        (folder / name).unlink(missing_ok=True)
    about = {name: value for name, value in about.items() if name != FILES}
    write_json(folder / ABOUT, {**about, FILES: sorted(made)})
    page = environment().get_template("reproduction.html")
    text = page.render(
        study=TITLES[suite],
        about=about,
        long=LONG,
        beside=True,
        parts=[{"part": part, "drawings": map(_shown, part.drawings)} for part in parts],
    )
    return write_text(folder / "reproduction.html", text)


def parts_of(suite: str, findings: Sequence[Finding], choice: Choice) -> list[Part]:
    """The parts of a study's page; errors as in write_reproduction."""
    if suite == "storas":
        return storas(findings, choice)
    return OF_FINDINGS[suite](findings)


def _write(part: Part, folder: Path) -> Iterator[Path]:
    for table in part.tables:
        yield write_table(table.numbers, folder / f"{table.name}.csv")
        yield write_text(folder / f"{table.name}.tex", table.latex)
    for drawing in part.drawings:
        yield write_file(folder / f"{drawing.name}.png", png(drawing.figure))
        yield write_file(folder / f"{drawing.name}.pdf", vector(drawing.figure, "pdf"))


def _files_of(about: Path) -> list[str]:
    """The tables and figures of an earlier page."""
    known = read_json(about) if about.is_file() else {}
    return [Path(name).name for name in known.get(FILES, [])]


def _shown(drawing: Drawing) -> dict[str, str | None]:
    """What the page has of a figure: SVG, but a heatmap on paper as PNG, which needs fewer bytes.

    Both are None where the figure is too large for the page.
    """
    paper = drawing.on_paper
    return {
        "name": drawing.name,
        "caption": drawing.caption,
        "svg": None if paper else inline_svg(drawing.figure, drawing.name),
        "png": small_png(png(drawing.figure), PICTURE) if paper else None,
    }
