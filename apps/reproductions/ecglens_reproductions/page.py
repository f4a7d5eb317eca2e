"""Page and files of a reproduction, and the comparison of its numbers with kept ones."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ecglens.eval import Finding
from ecglens.report import environment, write_file, write_table
from ecglens.report.figures import inline_svg, png, small_png, vector
from ecglens.store import read_json, write_json, write_text
from ecglens_paper.figures import Choice
from pandas.api.types import is_numeric_dtype

from .arends import arends
from .bender import bender
from .experiments import Drawing, Section
from .multiverse import multiverse_parts
from .patients import patients
from .storas import storas

# Studies whose figures leave nothing to choose.
OF_FINDINGS = {
    "arends": arends,
    "bender": bender,
    "multiverse": multiverse_parts,
    "patients": patients,
}
PICTURE = 400_000  # characters of base64 for one figure on ECG paper
LONG = 40  # rows: a longer table fills a screen, and is closed at first
ABOUT, FILES = "reproduction.json", "Files"
TITLES = {
    "storas": "Storås 2025",
    "multiverse": "Multiverse of Storås 2025",
    "arends": "Arends 2026",
    "bender": "Bender 2023",
    "patients": "Patients",
}
# Share of a column's largest number among the rows of one unit: of one target and input, and in a
# table without targets of one method, whose maps have a unit of their own. On one machine the
# numbers are the same; another processor rounds differently, and training carries that on.
TOLERANCE = 0.02


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
    page = environment("ecglens_reproductions").get_template("reproduction.html")
    text = page.render(
        study=TITLES[suite],
        about=about,
        long=LONG,
        beside=True,
        parts=[{"part": part, "drawings": map(_shown, part.drawings)} for part in parts],
    )
    return write_text(folder / "reproduction.html", text)


def parts_of(suite: str, findings: Sequence[Finding], choice: Choice) -> list[Section]:
    """Parts of a study's page; errors as in write_reproduction."""
    if suite == "storas":
        return storas(findings, choice)
    return OF_FINDINGS[suite](findings)


def _write(part: Section, folder: Path) -> Iterator[Path]:
    for table in part.tables:
        yield write_table(table.numbers, folder / f"{table.name}.csv")
        yield write_text(folder / f"{table.name}.tex", table.latex)
    for drawing in part.drawings:
        yield write_file(folder / f"{drawing.name}.png", png(drawing.figure))
        yield write_file(folder / f"{drawing.name}.pdf", vector(drawing.figure, "pdf"))


def _files_of(about: Path) -> list[str]:
    """Tables and figures of an earlier page."""
    known = read_json(about) if about.is_file() else {}
    return [Path(name).name for name in known.get(FILES, [])]


def _shown(drawing: Drawing) -> dict[str, str | None]:
    """Figure for the page: SVG, but a heatmap on paper as PNG, which needs fewer bytes.

    Both are None where the figure is too large for the page.
    """
    paper = drawing.on_paper
    return {
        "name": drawing.name,
        "caption": drawing.caption,
        "svg": None if paper else inline_svg(drawing.figure, drawing.name),
        "png": small_png(png(drawing.figure), PICTURE) if paper else None,
    }


def differences(kept: Path, fresh: Path) -> list[str]:
    """Line for every column of the kept CSV files that the fresh ones do not repeat.

    And one for every fresh file that was not kept. Errors as in kept_tables.
    """
    tables = kept_tables(kept)
    new = sorted({each.name for each in fresh.glob("*.csv")} - {each.name for each in tables})
    return [
        *(line for table in tables for line in _of_table(table, fresh / table.name)),
        *(f"{name}: written by this run, but not kept" for name in new),
    ]


def kept_tables(kept: Path) -> list[Path]:
    """CSV files of kept results. Raises ValueError for a folder without any."""
    if tables := sorted(kept.glob("*.csv")):
        return tables
    raise ValueError(f"expected kept results as CSV in {kept}, found none; give their folder")


def _of_table(kept: Path, fresh: Path) -> list[str]:
    if not fresh.is_file():
        return [f"{kept.name}: kept, but not written by this run"]
    old, new = (pd.read_csv(path) for path in (kept, fresh))
    if [*old.columns] != [*new.columns] or len(old) != len(new):
        return [
            f"{kept.name}: expected {len(old)} rows of {', '.join(old.columns)}, got {len(new)} of "
            f"{', '.join(new.columns)}"
        ]
    unit = pd.Series("", old.index)
    for name in ("target", "input") if "target" in old else ("quantity", "method"):
        unit += " " + old[name].astype(str) if name in old else ""
    found = (_of_column(pd.Series(old[name]), pd.Series(new[name]), unit) for name in old.columns)
    return [f"{kept.name}, {line}" for line in found if line]


def _of_column(old: pd.Series, new: pd.Series, unit: pd.Series) -> str:
    if not (is_numeric_dtype(old) and is_numeric_dtype(new)):
        differs = old.astype(str) != new.astype(str)
    else:
        one, other = old.to_numpy(float), new.to_numpy(float)
        largest = old.abs().replace(np.inf, np.nan).groupby(unit).transform("max").fillna(0.0)
        near = np.isclose(one, other, 0.0, TOLERANCE * largest.to_numpy(), equal_nan=True)
        differs = pd.Series(~near)
    if not differs.any():
        return ""
    row = int(differs.to_numpy().argmax())
    return (
        f"{old.name}: {int(differs.sum())} of {len(old)} rows differ; "
        f"in row {row + 1} expected {old.iloc[row]}, got {new.iloc[row]}"
    )
