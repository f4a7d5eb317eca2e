"""The views of a run's findings, made once for its page, the terminal and W&B."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ... import registry
from ...datamodules import all_may_leave
from ...eval import Answer, Finding, answers_of, decides
from ..figures.pictures import small_png
from ..next_run import Made
from ..privacy import Pseudonyms, shareable
from ..text.differences import apart, network_table
from ..text.facts import details, exclusions, shown_facts
from ..text.quality import fit_sentence, quality
from ..text.words import record_words
from .gallery import BUDGET, embedded, telling_lead
from .measures import MeasuresView, ReturnView, WeightsView
from .perturbation import PerturbationView, perturbation_views
from .view import NotApplicableView, View, key_of

# Views by the name of their evaluation, beside those of installed packages; other evaluations have
# MeasuresView. A module that is no installed package may add its own.
VIEWS: dict[str, type[View]] = {"return_test": ReturnView, "weights": WeightsView}


def evaluation_views(findings: Sequence[Finding], beside: Sequence[View] = ()) -> list[View]:
    """A view for each of these, no rankings, with a key that no view `beside` them has."""
    found: list[View] = []
    for finding in findings:
        key = key_of(finding, finding.about.evaluation, (*beside, *found))
        found.append(view_class(finding)(key, finding))
    words: dict[str, str] = {}
    for title in {view.title for view in found}:
        alike = [view for view in found if view.title == title]
        texts = [view.network for view in alike]
        if len({*texts}) < len(texts) or len(texts) == 1:
            texts = apart([view.finding for view in alike])
        words |= zip((view.key for view in alike), texts, strict=True)
    return [replace(view, differing=words[view.key]) for view in found]


def view_class(finding: Finding) -> type[View]:
    """The view of this evaluation: our own or a package's; else a number per ECG and method.

    Raises ValueError for an entry point of `ecglens.views` that is no view.
    """
    if finding.reason:
        return NotApplicableView
    name = finding.about.evaluation
    outside = registry.offered("views")
    found = VIEWS.get(name) or (outside[name].load() if name in outside else MeasuresView)
    if not (isinstance(found, type) and issubclass(found, View)):
        raise ValueError(
            f"expected the view of {name} to be a subclass of ecglens.report.View, got {found!r}"
        )
    return found


@dataclass(frozen=True, eq=False)
class RunViews:
    """The findings of a run or sweep, a view for each ranking, and one for each other finding.

    `made` says where the run lies and how long it took; None for what no command made.
    """

    findings: Sequence[Finding]
    ranked: Sequence[PerturbationView]
    others: Sequence[View]
    made: Made | None = None

    @property
    def stay(self) -> bool:
        """True if ECGs of at least one finding may not leave this machine."""
        return not all(all_may_leave(each.facts) for each in self.findings)

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """Answer for each set of networks and target, in the order of their first views."""
        return answers_of([each.finding for each in (*self.ranked, *self.others)])

    @cached_property
    def groups(self) -> list[tuple[Answer, list[PerturbationView]]]:
        """Each answer with the rankings on its networks and target."""
        return [
            (answer, [view for view in self.ranked if answer.is_about(view.finding)])
            for answer in self.answers
        ]


def run_views(findings: Sequence[Finding], names: Pseudonyms, made: Made | None = None) -> RunViews:
    """The views of these findings; ECGs that may not leave this machine have `names`.

    Rankings by a protocol that decides come first: pictures on top of a page are of the first.
    """
    shown = [shareable(each, names) for each in findings]
    ranked = perturbation_views([each for each in shown if each.ranked])
    ranked.sort(key=lambda view: decides(view.finding), reverse=True)
    others = evaluation_views([each for each in shown if not each.ranked], ranked)
    return RunViews(findings, ranked, others, made)


# Characters of base64 for the still pictures of all galleries.
PICTURES = 700_000


def sections(views: Sequence[PerturbationView]) -> list[dict[str, Any]]:
    """Values of each view for the template.

    `gallery` and `facts` are None where another view on the page has the same; `elsewhere` says
    which.
    """
    known = [_facts(view) for view in views]
    maps, facts = first_with_maps(views), _firsts(zip(map(repr, known), views, strict=True))
    galleries = len({view.key for view in maps})
    return [
        view.shown()
        | {"gallery": _gallery(view, galleries) if one is view else None}
        | {"facts": own if other is view else None, "elsewhere": _elsewhere(view, one, other)}
        for view, own, one, other in zip(views, known, maps, facts, strict=True)
    ]


def first_with_maps(views: Sequence[PerturbationView]) -> list[PerturbationView]:
    """For each view the first one that shows the same heatmaps, which no protocol changes."""
    return _firsts((_maps(view), view) for view in views)


def _maps(view: PerturbationView) -> Hashable:
    about, gallery = view.first.about, view.first.curves[0].gallery
    if not gallery.records:
        return view.key  # it shows none, and shares none
    what = (about.networks[0], about.target, about.input, gallery.records)
    return (*what, tuple(sorted(gallery.heatmaps)))


def _firsts(views: Iterable[tuple[Hashable, PerturbationView]]) -> list[PerturbationView]:
    """For each view the first one of which the same is given."""
    found: dict[Hashable, PerturbationView] = {}
    return [found.setdefault(same, view) for same, view in views]


def _elsewhere(
    view: PerturbationView, maps: PerturbationView, facts: PerturbationView
) -> list[dict[str, str]]:
    """Parts that other views show for this one: `what`, and the `key` and `title` of the view."""
    said: dict[tuple[str, str], list[str]] = {}
    for what, shown_by in (("heatmaps", maps), ("facts about the network", facts)):
        if shown_by is not view:
            said.setdefault((shown_by.key, shown_by.title), []).append(what)
    return [
        {"what": " and the ".join(every), "key": key, "title": title}
        for (key, title), every in said.items()
    ]


def _facts(view: PerturbationView) -> dict[str, Any]:
    """Facts of the networks and their data for the page."""
    finding = view.first
    return {
        "fit": fit_sentence(finding) if len(view.each) == 1 else "",
        "each_network": network_table(view.each),
        "quality": quality(finding),
        "facts": shown_facts(*view.each),
        "details": details(finding),
        "exclusions": exclusions(finding),
        "pseudonyms": "pseudonyms" in finding.facts,
    }


def _gallery(view: PerturbationView, galleries: int) -> dict[str, Any] | None:
    """The heatmaps, and still pictures for print and for a page without its script.

    `galleries` share the room of the page; None where no map was kept.
    """
    if not (records := view.first.curves[0].gallery.records):
        return None
    room = PICTURES // (2 * galleries)
    return {
        "data": embedded(
            view.first,
            view.ranking.names,
            list(dict.fromkeys([view.shown_method, view.worst_method])),
            telling_lead(view.first, view.shown_method),
            BUDGET // galleries,
        ),
        "twelve_leads": small_png(view.pictures["twelve-leads"], room),
        "averaged": small_png(view.pictures["averaged"], room),
        "shown_method": view.shown_method,
        "record": record_words(records[0], view.first.facts),
    }
