"""Writer of study.html, its figures and its tables."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecglens.eval import save_finding
from ecglens.report import environment, printed, unique_key, write_file, write_table
from ecglens.report.figures import inline_svg, png, vector
from ecglens.store import write_text

from ..analysis import Analysis
from ..analysis.agreement import COEFFICIENTS
from .figures import COMPARISON, figures_of
from .tables import agreement_rows, csv_tables, vote_rows
from .wording import VIEWS, title_of, views_of

PAGE, PANELS = "study.html", "panels"


def write_study(analysis: Analysis, folder: Path) -> Path:
    """Path of study.html, written with CSV tables, figures (PNG, PDF, SVG) and panels/.

    panels/ has one folder per target and view with the votes as an eval.Finding,
    with the network where it is known.
    """
    figures = dict(figures_of(analysis))
    for name, figure in figures.items():
        write_file(folder / f"{name}.png", png(figure))
        for kind in ("pdf", "svg"):
            write_file(folder / f"{name}.{kind}", vector(figure, kind))
    for name, table in csv_tables(analysis):
        write_table(table, folder / f"{name}.csv")
    _save_panels(analysis, folder / PANELS)
    shown = {name: inline_svg(figure, name) for name, figure in figures.items()}
    page = environment(__name__.rpartition(".")[0]).get_template("study.html")
    return write_text(folder / PAGE, page.render(**_content(analysis, shown)))


def _save_panels(analysis: Analysis, folder: Path) -> None:
    for (target, view), panel in analysis.panels.items():
        place = folder / unique_key(f"{target} {view}", ())
        if ranked := analysis.results.get(target):
            known = ranked.about
            about = replace(
                panel.about, target=known.target, input=known.input, networks=known.networks
            )
            panel = replace(panel, about=about)
        save_finding(panel, place)


def _content(analysis: Analysis, figures: Mapping[str, str]) -> dict[str, Any]:
    """Variables of the template."""
    methods = [str(name) for name in analysis.votes.index]
    conclusions = [
        *((each.target, each.view, each.sentence) for each in analysis.comparisons),
        *((target, view, panel.sentence) for (target, view), panel in analysis.panels.items()),
    ]
    return {
        "name": analysis.study.name,
        "task": analysis.study.task,
        "notes": analysis.notes,
        "conclusions": [
            (f"{title_of(analysis, target)}, {VIEWS[view]}", printed(sentence, methods))
            for target, view, sentence in conclusions
        ],
        "vote_tables": [vote_rows(analysis, view) for view in views_of(analysis)],
        "vote_figures": [each for name, each in figures.items() if not _compares(name)],
        "comparison_figures": [each for name, each in figures.items() if _compares(name)],
        "agreement": [agreement_rows(analysis, view) for view in views_of(analysis)],
        "coefficients": {
            name: label
            for name, label in COEFFICIENTS.items()
            if name != "weighted" or analysis.study.task == "rate"
        },
        "behaviour": analysis.behaviour.to_dict("records"),
        "blinding": analysis.blinding.to_dict("records"),
    }


def _compares(name: str) -> bool:
    return name.startswith(COMPARISON)
