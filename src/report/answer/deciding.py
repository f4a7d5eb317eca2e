"""Protocols that have to agree before a heatmap may be used."""

from collections.abc import Sequence

from ..text.words import heading
from ..views.perturbation import PerturbationView
from ..views.run_views import decides


def about_one(sections: Sequence[PerturbationView]) -> list[list[PerturbationView]]:
    """Views grouped by networks and target, in their order."""
    groups: dict[object, list[PerturbationView]] = {}
    for section in sections:
        networks = frozenset(section.finding.about.networks)
        groups.setdefault((networks, section.first.about.target), []).append(section)
    return [*groups.values()]


def deciding(sections: Sequence[PerturbationView]) -> Sequence[PerturbationView]:
    """Views whose protocols have to agree; the first view where there is none of them."""
    named = [each for each in sections if decides(each)]
    return named or sections[:1]


def above(sections: Sequence[PerturbationView], level: int) -> list[str]:
    """Methods above all rungs of a level by every deciding protocol, best first."""
    together = deciding(sections)
    each = [each.ranking.ladder.above(level) for each in together]
    return [name for name in together[0].ranking.names if all(name in names for names in each)]


def by_protocols(sections: Sequence[PerturbationView]) -> str:
    """The deciding protocols within a sentence, after a space; "" for one."""
    return " by both protocols" if len(protocols(sections)) > 1 else ""


def protocols(sections: Sequence[PerturbationView]) -> list[str]:
    """The deciding protocols, as a title names them."""
    return list(dict.fromkeys(heading(each.first)[2] for each in deciding(sections)))
