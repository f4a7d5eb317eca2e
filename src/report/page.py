"""One self-contained HTML page over the findings of a run or a sweep, with its files beside it."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ..eval import GAINS, MOST_KEPT, POWER, Finding, beats_by_measure
from ..eval.evaluations.sanity import RHO
from ..store import in_place_of, write_text
from .answer.claims import HEADS
from .answer.figure import BUDGET, answer_figures
from .answer.tables import agreements, answer_tables, number_tables, standings
from .answer.top import not_said, top_words
from .answer.words import across, banner, in_a_line, titles
from .figures.curves import curves_figure
from .figures.pictures import png
from .files import environment, own_file, write_file, write_table
from .privacy import Pseudonyms
from .sections import Section, added_sections
from .text.cautions import score_validation_in_short
from .views.ranking_uncertainty import LEAST_METHODS
from .views.view import View
from .views.views import RunViews, run_views, sections


def contents(run: RunViews) -> dict[str, dict[str, str]]:
    """Short name of each question and what came out, by the key of its view.

    What all titles begin with is left out.
    """
    every: list[tuple[View, str]] = [(view, _after(view)) for view in run.ranked]
    every += [(view, _evaluation(view)) for view in run.others]
    alike = len({view.of for view, _ in every}) == 1
    return {
        view.key: {
            "title": _after(view) if alike else view.title,
            "name": name[:1].upper() + name[1:] if alike else f"{view.of} · {name}",
            "said": outcome(view.finding),
        }
        for view, name in every
    }


# What came out of a question, beside its name; nothing beside a description.
SHOWN, PARTLY, NOT_SHOWN = "a map passes", "a map passes some measures", "no map passes"
DESCRIBED = ""


def outcome(finding: Finding) -> str:
    """What came out of a finding in a few words, from its table; "" for descriptions.

    No answer to which map to use. Shown: a method beats every control by all measures that order
    methods, or passes a test on every network.
    """
    table, shown = finding.table, finding.details.get("shown")
    if shown is not None and "shown" in shown:  # the return test asks more than its measures do
        every = any(own["shown"].all() for _, own in shown.groupby("method"))
        return SHOWN if every else NOT_SHOWN
    if "verdict" in table:
        methods = table.loc[table["kind"] == "method", "verdict"]
        if methods.isin(["not judged"]).all():
            return DESCRIBED
        return SHOWN if (methods == "passes").any() else NOT_SHOWN
    if finding.reason or not any(each.higher_is_better is not None for each in finding.measures):
        return DESCRIBED
    beats = beats_by_measure(finding.measures, table).to_numpy(bool)
    if len(beats) and beats.all(1).any():
        return SHOWN
    return PARTLY if beats.any() else NOT_SHOWN


def _after(view: View) -> str:
    return view.title.removeprefix(f"{view.of} · ")


def _evaluation(view: View) -> str:
    name = view.finding.about.evaluation.replace("_", " ")
    return " · ".join(filter(None, [name, view.differing]))


SCRIPTS = (
    "page.js", "gallery_maps.js", "gallery_paper.js", "gallery_svg.js", "gallery_export.js",
    "gallery_link.js", "gallery_shares.js", "gallery_screen.js", "gallery_cursor.js", "gallery.js",
    "answer_figure.js",
)  # fmt: skip
UNRANKED = "No ranking of heatmaps: this run has no perturbation evaluation."


def write_report(
    findings: Sequence[Finding], folder: Path, names: Pseudonyms | None = None
) -> Path:
    """Write report.html into `folder`, PNG figures and CSV tables beside it; the page's path.

    Findings of the same networks, records and protocol are merged, and those of networks that
    differ in their seed alone are ranked together: each that remains has a view on the page.
    ECGs that may not leave this machine have `names`, new ones when none are given, and
    pseudonyms.csv has the key. report_files.json lists the files; those of an earlier report are
    removed. Raises ValueError when there is nothing to report.
    """
    several = findings if isinstance(findings, Sequence) else ()
    if not several or not all(isinstance(each, Finding) for each in several):
        kinds = ", ".join(sorted({type(each).__name__ for each in several})) or "none"
        raise ValueError(
            "expected a list of at least one finding of evaluate(…) to report, got "
            f"{kinds if isinstance(findings, Sequence) else type(findings).__name__}"
        )
    names = names or Pseudonyms()
    # Files of evaluations that are gone go too.
    with in_place_of(Path(folder) / "report_files.json"):
        return write_page(run_views(findings, names), Path(folder), names)


def write_page(run: RunViews, folder: Path, names: Pseudonyms) -> Path:
    """Write a report from views that are made; its path."""
    added = added_sections(run.findings, names)
    write_files(run, folder, added)
    names.save(folder)
    return write_text(folder / "report.html", html(run, added))


def write_files(run: RunViews, folder: Path, added: Mapping[str, Sequence[Section]]) -> None:
    """Write the figures of each view as PNG, tables as CSV, and the files of added sections."""
    for part in (*run.ranked, *run.others, *chain.from_iterable(added.values())):
        part.write(folder)
    if len(run.ranked) > 1:
        write_file(folder / "curves.png", png(curves_figure([view.curves for view in run.ranked])))
    for name, table in answer_tables(run).items():
        write_table(table, folder / f"{name}.csv")


def html(
    run: RunViews, added: Mapping[str, Sequence[Section]] | None = None, *, beside: bool = True
) -> str:
    """The page as text; it asks for nothing outside itself.

    It links to the tables `beside` it, unless they are not written.
    """
    ranked, others = run.ranked, run.others
    measures = [measure for view in others for measure in view.finding.measures]
    directed = any(measure.higher_is_better is not None for measure in measures)
    listed, named = contents(run), titles(run)
    template = environment().get_template("report.html")
    return template.render(
        script=Markup("").join(map(own_file, SCRIPTS)),
        beside=beside,
        overall=across(run.answers) if ranked else UNRANKED,
        each_answer=[
            {"key": views[0].key, "title": named[answer], "said": in_a_line(answer)}
            for answer, views in run.groups
        ],
        banners=[*filter(None, map(banner, run.answers))],
        answers=_answers(run),
        beside_answer=[view.shown() for view in others if view.leads],
        findings=[view.shown() for view in others if not view.leads],
        number_tables=number_tables(run),
        claim_heads=HEADS,
        standings=standings(run),
        validation=[score_validation_in_short(view.first) for view in ranked],
        added=added or {},
        contents=listed,
        titles={key: one["title"] for key, one in listed.items()},
        directed=directed,
        tested=bool(ranked) or directed or RHO in measures,
        sections=sections(ranked),
        agreements=agreements(run),
        least_methods=LEAST_METHODS,
        claim_limits=(MOST_KEPT, GAINS[-1], POWER),
    )


def _answers(run: RunViews) -> list[dict[str, Any]]:
    """Words, figure and cautions of each answer."""
    figures, named = answer_figures(run.groups), titles(run)
    return [
        {
            "key": figure.key,
            "title": named[figure.answer],
            "words": top_words(figure.answer, figure.finding.facts, run.made),
            "setting_alone": not figure.answer.run.command,
            "figure": figure.shown(BUDGET // len(figures)),
            "cautions": [*not_said(figure.answer), *figure.view.warnings],
        }
        for figure in figures
    ]
