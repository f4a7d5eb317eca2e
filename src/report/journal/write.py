"""Files of figures and tables for an article."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from ...store import write_text
from ..figures.column import DOUBLE_MM, SINGLE_MM, TooNarrow
from ..figures.pictures import printable, vector
from ..latex import cells, tabular
from ..self_contained import write_file
from ..style import style
from ..tables import write_table
from ..views.choice import Choice
from .offered import Offered

PDF_AND_SVG = ("pdf", "svg")
FORMATS = (*PDF_AND_SVG, "png")
LONGEST = 60  # rows of a printed page; a longer table is data, and stays CSV


@dataclass(frozen=True)
class Form:
    """Formats and width of figures.

    Without a width, a figure is as wide as a single column, or as a whole page where it cannot be
    read in one. Raises ValueError for an unknown format.
    """

    formats: tuple[str, ...] = PDF_AND_SVG
    width_mm: float | None = None

    def __post_init__(self) -> None:
        if unknown := [each for each in self.formats if each not in FORMATS]:
            raise ValueError(f"expected formats of {', '.join(FORMATS)}, got {', '.join(unknown)}")


def write_figure(
    run: Offered, name: str, folder: Path, form: Form, choice: Choice | None = None
) -> list[Path]:
    """Paths of a figure in every format, and of its caption; errors as in `Offered.figure`.

    `choice` is what heatmaps show.
    """
    figure, caption = _drawn(run, name, form.width_mm, choice or Choice())
    written = [folder / f"{name}.{kind}" for kind in form.formats]
    for path in written:
        kind = path.suffix[1:]
        write_file(path, printable(figure) if kind == "png" else vector(figure, kind))
    return [*written, write_text(folder / f"{name}.caption.txt", f"{caption}\n")]


def write_table_of(run: Offered, name: str, folder: Path) -> list[Path]:
    """Paths of a table as CSV with every digit, and as LaTeX unless it is LONGEST and more."""
    table = run.tables[name]
    written = [write_table(table, folder / f"{name}.csv")]
    if len(table) <= LONGEST:
        heads = [str(column).replace("_", " ") for column in table.columns]
        text = tabular(heads, cells(_labelled(table)))
        written.append(write_text(folder / f"{name}.tex", text))
    return written


def _drawn(run: Offered, name: str, width_mm: float | None, choice: Choice) -> tuple[Figure, str]:
    if width_mm is not None:
        return run.figure(name, width_mm, choice)
    with suppress(TooNarrow):
        return run.figure(name, SINGLE_MM, choice)
    return run.figure(name, DOUBLE_MM, choice)


def _labelled(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the printed names of its methods."""
    if "method" not in table.columns:
        return table
    return table.assign(method=[style(str(name)).label for name in table["method"]])
