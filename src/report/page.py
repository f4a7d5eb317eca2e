"""One self-contained HTML page over the findings of a run or a sweep, with its files beside it."""

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup
from matplotlib.figure import Figure

from ..eval import Finding
from ..eval.evaluations.sanity import RHO
from ..store import write_text
from .answer.cards import answer_cards
from .answer.heat_table import heat_tables
from .answer.tables import agreements, answer_tables, standings, verdict_tables
from .answer.words import across, banner, in_a_line, title
from .contents import MARKS, contents
from .figures.curves import curves_figure
from .figures.pictures import inline_svg, png
from .manuscript import MethodsSection, methods_sections
from .privacy.pseudonyms import Pseudonyms
from .self_contained import environment, own_file, write_file
from .tables import write_table
from .text.validation import score_validation_in_short
from .views.perturbation import PerturbationView
from .views.player import BUDGET
from .views.run_views import RunViews, run_views
from .views.sections import sections
from .views.sureness import LEAST_METHODS

SCRIPTS = (
    "page.js", "gallery_maps.js", "gallery_paper.js", "gallery_svg.js", "gallery_export.js",
    "gallery_link.js", "gallery_shares.js", "gallery_screen.js", "gallery_cursor.js", "gallery.js",
    "player.js",
)  # fmt: skip
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
    names = names or Pseudonyms()
    return write_page(run_views(findings, names), Path(folder), names)


def write_page(run: RunViews, folder: Path, names: Pseudonyms) -> Path:
    """As write_report, of views that are made."""
    methods = methods_sections(run.findings, names)
    write_files(run, folder)
    for part in (*run.others, *methods):
        part.write(folder)
    names.save(folder)
    return write_text(folder / "report.html", html(run, methods))


def write_files(run: RunViews, folder: Path) -> None:
    """Write the figures of rankings as PNG and the tables of the answer as CSV."""
    for view in run.ranked:
        view.write(folder)
    if len(run.ranked) > 1:
        write_file(folder / "curves.png", png(_overview(run.ranked)))
    for name, table in answer_tables(run).items():
        write_table(table, folder / f"{name}.csv")


def html(run: RunViews, methods: Sequence[MethodsSection] = (), *, beside: bool = True) -> str:
    """The page as text; it asks for nothing outside itself.

    It links to the tables `beside` it, unless they are not written.
    """
    ranked, others = run.ranked, run.others
    measures = [measure for view in others for measure in view.finding.measures]
    answers, places = answer_cards(run), contents(run)
    signs = {one["sign"] for one in places}
    directed = any(measure.higher_is_better is not None for measure in measures)
    return (
        environment()
        .get_template("report.html")
        .render(
            script=Markup("").join(map(own_file, SCRIPTS)),
            beside=beside,
            overall=across(run.answers) if ranked else UNRANKED,
            each_answer=[
                {"key": views[0].key, "title": title(answer), "said": in_a_line(answer)}
                for answer, views in run.groups
            ],
            banners=[*filter(None, map(banner, run.answers))],
            standings=standings(run),
            validation=[score_validation_in_short(view.first) for view in ranked],
            findings=[view.shown() for view in others],
            methods=[text.shown() for text in methods],
            verdict_tables=verdict_tables(run),
            answers=answers,
            heat_tables=heat_tables([*ranked, *others]),
            players={
                view.key: view.player(BUDGET // len(answers))
                for view in ranked
                if view.key in answers
            },
            contents=places,
            marks={sign: said for sign, said in MARKS.items() if sign in signs},
            titles={one["key"]: one["title"] for one in places},
            directed=directed,
            tested=bool(ranked) or directed or RHO in measures,
            sections=sections(ranked),
            agreements=agreements(run),
            least_methods=LEAST_METHODS,
            overview=inline_svg(_overview(ranked), "all") if len(ranked) > 1 else None,
        )
    )


def _overview(ranked: Sequence[PerturbationView]) -> Figure:
    return curves_figure([view.curves for view in ranked])
