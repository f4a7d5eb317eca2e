"""Files and page of a reproduction."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from ...eval import Finding
from ...store import write_text
from ..figures.curves import curves_figure
from ..figures.pictures import inline_svg, png, vector
from ..self_contained import environment, own_file, write_file
from ..tables import write_table
from ..text.words import INPUTS
from ..views.perturbation import perturbation_views
from .paper import latex, paper_table
from .tables import auc_table, error_table, order_table


def write_reproduction(findings: Sequence[Finding], about: Mapping[str, str], folder: Path) -> Path:
    """Write reproduction.html into `folder`, tables and figures beside it; its path.

    `findings` are rankings by the rules of the study; those of one target and input that differ in
    method or seed alone are brought together. `about` says what was run: a line each.
    Raises ValueError for no ranking.
    """
    views = perturbation_views([each for each in findings if each.curves])
    if not views:
        raise ValueError("expected at least one ranking, got none: no job has finished")
    ranked = [view.finding for view in views]
    tables = {
        "auc": auc_table(ranked),
        "order": order_table(ranked),
        "errors": error_table(ranked),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        write_table(table, folder / f"{name}.csv")
    shown = []
    for given, rows in tables["auc"].groupby("input", sort=False):
        write_text(folder / f"auc-{given}.tex", latex(rows))
        figure = curves_figure([v.curves for v in views if v.finding.about.input == given])
        write_file(folder / f"curves-{given}.png", png(figure))
        write_file(folder / f"curves-{given}.pdf", vector(figure, "pdf"))
        targets, cells = paper_table(rows)
        shown.append(
            {
                "input": INPUTS.get(str(given), given),
                "targets": targets,
                "rows": cells,
                "curves": inline_svg(figure, f"curves-{given}"),
            }
        )
    page = environment().get_template("reproduction.html")
    text = page.render(
        css=own_file("report.css"),
        about=about,
        inputs=shown,
        orders=_rows(tables["order"]),
        errors=_rows(tables["errors"]),
    )
    return write_text(folder / "reproduction.html", text)


def _rows(table: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
