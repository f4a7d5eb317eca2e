"""The rankings as the page shows them; what several of one network share is shown by the first."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from ..figures.pictures import small_png
from ..text.facts import details, exclusions, shown_facts
from ..text.networks import network_table
from ..text.quality import fit_sentence, quality
from .best_and_worst import telling_lead
from .gallery import BUDGET, embedded
from .perturbation import PerturbationView

# Characters of base64 for the still pictures of all galleries.
PICTURES = 700_000


def sections(views: Sequence[PerturbationView]) -> list[dict[str, Any]]:
    """What the template needs of each view.

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
    """What other views show for this one: `what`, and the `key` and `title` of the view."""
    said: dict[tuple[str, str], list[str]] = {}
    for what, shown_by in (("heatmaps", maps), ("facts about the network", facts)):
        if shown_by is not view:
            said.setdefault((shown_by.key, shown_by.title), []).append(what)
    return [
        {"what": " and the ".join(every), "key": key, "title": title}
        for (key, title), every in said.items()
    ]


def _facts(view: PerturbationView) -> dict[str, Any]:
    """What the page says of the networks and their data."""
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
        "record": records[0],
    }
