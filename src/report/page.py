"""One self-contained HTML page over the findings of a run or a sweep, with its files beside it."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from ..eval import Finding
from ..eval.evaluations.sanity import RHO
from ..store import write_text
from .answer.agreements import agreements, agreements_table
from .answer.cards import answer_cards
from .answer.overview import needed_level, overall, standings
from .answer.verdicts import verdict_tables
from .figures.curves import curves_figure
from .figures.pictures import inline_svg, png
from .manuscript import MethodsSection, methods_sections
from .privacy.pseudonyms import Pseudonyms
from .privacy.shareable import shareable
from .self_contained import environment, own_file, write_file
from .tables import write_table
from .text.validation import score_validation_in_short
from .views.perturbation import PerturbationView, perturbation_views
from .views.sureness import LEAST_METHODS
from .views.view import View
from .views.views import views

UNRANKED = "No ranking of heatmaps: this run has no perturbation evaluation."


def write_report(
    findings: Sequence[Finding], folder: Path, names: Pseudonyms | None = None
) -> Path:
    """Write report.html into `folder`, PNG figures and CSV tables beside it; the page's path.

    Findings of the same networks, records and protocol are merged, and those of networks that
    differ in their seed alone are ranked together: each that remains has a view on the page.
    ECGs that may not leave this machine have `names`, new ones when none are given, and
    pseudonyms.csv has the key. Raises ValueError when there is nothing to report.
    """
    if not findings:
        raise ValueError("expected at least one finding to report, got none")
    names, folder = names or Pseudonyms(), Path(folder)
    ranked = perturbation_views([shareable(each, names) for each in findings if each.curves])
    others = views([each for each in findings if not each.curves])
    methods = methods_sections(findings, names)
    write_files(ranked, folder)
    for part in (*others, *methods):
        part.write(folder)
    names.save(folder)
    return write_text(folder / "report.html", html(ranked, others, methods))


def write_files(ranked: Sequence[PerturbationView], folder: Path) -> None:
    """Write the figures of rankings as PNG and their tables as CSV."""
    for view in ranked:
        view.write(folder)
    if len(ranked) > 1:
        write_file(folder / "curves.png", png(_overview(ranked)))
    if len(agreed := agreements_table(ranked)):
        write_table(agreed, folder / "agreements.csv")


def html(
    ranked: Sequence[PerturbationView],
    others: Sequence[View] = (),
    methods: Sequence[MethodsSection] = (),
) -> str:
    """The page as text; it asks for nothing outside itself."""
    measures = [measure for view in others for measure in view.finding.measures]
    directed = any(measure.higher_is_better is not None for measure in measures)
    return (
        environment()
        .get_template("report.html")
        .render(
            css=own_file("report.css"),
            script=own_file("gallery.js"),
            overall=overall(ranked) if ranked else UNRANKED,
            standings=standings(ranked),
            needed=needed_level(ranked),
            validation=[score_validation_in_short(view.first) for view in ranked],
            findings=[view.shown() for view in others],
            methods=[text.shown() for text in methods],
            verdict_tables=verdict_tables(ranked, others),
            answers=answer_cards(ranked, others),
            contents=contents(ranked, others),
            directed=directed,
            tested=bool(ranked) or directed or RHO in measures,
            sections=[view.shown_among(len(ranked)) for view in ranked],
            agreements=agreements(ranked),
            least_methods=LEAST_METHODS,
            overview=inline_svg(_overview(ranked), "all") if len(ranked) > 1 else None,
        )
    )


def contents(ranked: Sequence[PerturbationView], others: Sequence[View]) -> list[dict[str, str]]:
    """Each question of the page with its place: "●" with an answer, "○" none, "–" not asked."""
    rankings = [(view, "●" if view.ranking.best else "○") for view in ranked]
    answered = [(view, "–" if view.finding.reason else "●") for view in others]
    return [
        {"key": view.key, "title": view.title, "sign": sign} for view, sign in rankings + answered
    ]


def _overview(ranked: Sequence[PerturbationView]) -> Figure:
    return curves_figure([view.curves for view in ranked])
