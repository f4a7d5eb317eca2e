"""One self-contained HTML page over the results of a run or a sweep, with its files beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from ..eval import Answer, Result
from ..eval.ranking.ranking import MARGIN
from ..eval.statistics.comparison import LEVEL
from ..store import write_text
from .answer import verdicts as lights
from .answer.agreements import agreements, agreements_table
from .answer.overview import needed_level, overall, standings
from .answer.table import answer_tables
from .figures.curves import curves_figure
from .figures.pictures import inline_svg, png, small_png
from .manuscript import MethodsSection, methods_sections
from .privacy.pseudonyms import Pseudonyms
from .privacy.shareable import shareable
from .self_contained import environment, own_file, write_file
from .tables import curves_table, excluded_table, write_table
from .text.facts import details, excluded_ecgs, exclusions, shown_facts
from .text.networks import each_network
from .text.numerals import decimals
from .text.quality import fit_sentence, quality
from .text.validation import on_trial, on_trial_in_short
from .text.words import auc_label, auc_unit, outcome_label
from .views.class_auroc import deletion_sentences
from .views.gallery import BUDGET, embedded
from .views.ladder import ladder_rows, ladder_table
from .views.perturbation import Section, gathered
from .views.sureness import LEAST_METHODS, SOURCES
from .views.view import AnswerSection
from .views.views import answer_sections

UNRANKED = "Heatmaps were not ranked here: no perturbation was asked for."
# Characters of base64 for the still pictures of all sections.
PICTURES = 700_000


def write_report(
    results: Sequence[Result],
    folder: Path,
    names: Pseudonyms | None = None,
    answers: Sequence[Answer] = (),
) -> Path:
    """Write report.html into `folder`, PNG figures and CSV tables beside it; the page's path.

    Results of the same network, records and protocol are merged, and those of networks that differ
    in their seed alone are ranked together: each that remains is a section; so is each answer.
    ECGs that may not leave this machine have `names`, new ones when none are given, and
    pseudonyms.csv says whose they are. Raises ValueError when there is nothing to report.
    """
    names = names or Pseudonyms()
    if not results and not answers:
        raise ValueError("expected at least one result or answer to report, got none")
    shown = [shareable(result, names) for result in results]
    sections = gathered(shown) if shown else []
    methods = methods_sections(shown, answers, names)
    asked = answer_sections(answers)
    write_files(sections, Path(folder))
    for section in (*asked, *methods):
        section.write(Path(folder))
    names.save(Path(folder))
    return write_text(Path(folder) / "report.html", html(sections, asked, methods))


def write_files(sections: Sequence[Section], folder: Path) -> None:
    """Write the figures as PNG and the tables as CSV."""
    for section in sections:
        for name, picture in section.pictures.items():
            write_file(folder / f"{section.key}-{name}.png", picture)
        write_table(section.ranking.table, folder / f"{section.key}-ranking.csv")
        write_table(section.sureness.table, folder / f"{section.key}-sureness.csv")
        if "ladder" in section.figures:
            write_table(ladder_table(section.ranking), folder / f"{section.key}-ladder.csv")
        if len(section.sureness.strata):
            write_table(section.sureness.strata, folder / f"{section.key}-strata.csv")
        write_table(curves_table(section.curves.mean), folder / f"{section.key}-curves.csv")
        if section.deleted:
            write_table(section.deleted.table, folder / f"{section.key}-deletions.csv")
        without = excluded_table(excluded_ecgs(section.result))
        write_table(without, folder / f"{section.key}-excluded.csv")
    if len(sections) > 1:
        write_file(folder / "curves.png", png(_overview(sections)))
    if len(agreed := agreements_table(sections)):
        write_table(agreed, folder / "agreements.csv")


def html(
    sections: Sequence[Section],
    answers: Sequence[AnswerSection] = (),
    methods: Sequence[MethodsSection] = (),
) -> str:
    """The page as text; it asks for nothing outside itself."""
    return (
        environment()
        .get_template("report.html")
        .render(
            css=own_file("report.css"),
            script=own_file("gallery.js"),
            overall=overall(sections) if sections else UNRANKED,
            standings=standings(sections),
            needed=needed_level(sections),
            on_trial=[on_trial_in_short(section.result) for section in sections],
            answers=[section.shown() for section in answers],
            methods=[text.shown() for text in methods],
            lights=lights(sections, answers),
            answer_tables=answer_tables(sections, answers),
            sections=[_shown(section, len(sections)) for section in sections],
            agreements=agreements(sections),
            least_methods=LEAST_METHODS,
            overview=inline_svg(_overview(sections), "all") if len(sections) > 1 else None,
        )
    )


def _shown(section: Section, sections: int) -> dict[str, Any]:
    """What the template needs of a section, one of so many."""
    result = section.result
    return {
        "key": section.key,
        "title": section.title,
        "verdict": section.verdict,
        "rows": section.ranking.table.to_dict("records"),
        "places": decimals(section.ranking.table["auc"]),
        "least_p": section.ranking.least_p,
        "protocol": result.scores.protocol,
        "auc_label": auc_label(result),
        "auc_unit": auc_unit(result),
        "on_trial": on_trial(result),
        "networks": section.ranking.networks,
        "sure": _sureness(section),
        "outcome_label": outcome_label(result),
        "curves": inline_svg(section.figures["curves"], f"{section.key}-c"),
        "ranking_figure": inline_svg(section.figures["ranking"], f"{section.key}-r"),
        "ladder": _ladder(section),
        "ladder_figure": _figure(section, "ladder", "l"),
        "deleted": _deleted(section),
        "gallery": _gallery(section, sections) if result.scores.gallery.records else None,
        "fit": fit_sentence(result) if len(section.results) == 1 else "",
        "each_network": each_network(section.results),
        "quality": quality(result),
        "facts": shown_facts(*section.results),
        "details": details(result),
        "exclusions": exclusions(result),
        "pseudonyms": "pseudonyms" in result.facts,
    }


def _figure(section: Section, name: str, mark: str) -> str | None:
    """A figure as SVG; None where the section has none of this name."""
    figure = section.figures.get(name)
    return inline_svg(figure, f"{section.key}-{mark}") if figure else None


def _ladder(section: Section) -> dict[str, Any]:
    """The null ladder's table and sentences; empty where there are no rungs."""
    scores = section.result.scores
    rows, protocol = ladder_rows(section.ranking, scores.grains), scores.protocol
    if not rows:
        return {}
    return rows | {
        "key": section.key,
        "title": section.title,
        "places": decimals(section.ranking.table["auc"]),
        "what": f"{outcome_label(section.result)}, 0–{protocol.until} {protocol.unit}s",
        "draws": min(protocol.ladder, protocol.draws),
        "all": protocol.draws,
    }


def _sureness(section: Section) -> dict[str, Any]:
    """Effects, spread and ranks; the figure where ranks differ beyond chance."""
    sure, figure = section.sureness, section.figures.get("ranks")
    return {
        "sentences": sure.sentences,
        "figure": inline_svg(figure, f"{section.key}-k") if figure else None,
        "ranked": sure.test is not None,
        "strata": len(sure.strata) > 0,
        "best": section.ranking.best,
        "margin": MARGIN,
        "level": LEVEL,
        "sources": [SOURCES[name][0] for name in sure.sources],
        "rows": sure.rows,
    }


def _deleted(section: Section) -> dict[str, Any] | None:
    """How well the class is still told, the methods in the order of the ranking."""
    if section.deleted is None:
        return None
    table = section.deleted.table.set_index("method").loc[[*section.ranking.names]]
    return {
        "sentences": deletion_sentences(section.deleted, section.result),
        "figure": inline_svg(section.figures["deletions"], f"{section.key}-d"),
        "rows": table.reset_index().to_dict("records"),
        "controls": section.result.scores.controls,
    }


def _gallery(section: Section, sections: int) -> dict[str, Any]:
    """The heatmaps, and the still pictures for print and for a page without its script."""
    room = PICTURES // (2 * sections)
    return {
        "data": embedded(section.result, BUDGET // sections),
        "twelve_leads": small_png(section.pictures["twelve-leads"], room),
        "averaged": small_png(section.pictures["averaged"], room),
        "shown_method": section.shown_method,
        "record": section.result.scores.gallery.records[0],
    }


def _overview(sections: Sequence[Section]) -> Figure:
    return curves_figure([section.curves for section in sections])
