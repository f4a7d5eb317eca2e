"""Protocols that have to agree before a heatmap may be used."""

from collections.abc import Sequence

from ..views.perturbation import PerturbationView

# Those of evaluation=perturbation: each sees what the other misses (docs/meta_evaluation.md).
DECIDING = ("default", "noise_10")


def about_one(sections: Sequence[PerturbationView]) -> list[list[PerturbationView]]:
    """Views grouped by networks and target, in their order."""
    groups: dict[object, list[PerturbationView]] = {}
    for section in sections:
        networks = frozenset(section.finding.about.networks)
        groups.setdefault((networks, section.first.about.target), []).append(section)
    return [*groups.values()]


def deciding(sections: Sequence[PerturbationView]) -> Sequence[PerturbationView]:
    """Views whose protocols have to agree; the first view where there is none of them."""
    named = [each for each in sections if each.finding.curves[0].protocol.name in DECIDING]
    return named or sections[:1]
