"""Protocols that have to agree before a heatmap may be used."""

from collections.abc import Sequence

from ..views.perturbation import Section

# Those of evaluation=perturbation: each sees what the other misses (docs/trial.md).
DECIDING = ("default", "noise_10")


def about_one(sections: Sequence[Section]) -> list[list[Section]]:
    """The sections of each set of networks and target together, in the order in which they come."""
    groups: dict[object, list[Section]] = {}
    for section in sections:
        networks = frozenset(each.network for each in section.results)
        groups.setdefault((networks, section.result.target), []).append(section)
    return [*groups.values()]


def deciding(sections: Sequence[Section]) -> Sequence[Section]:
    """Sections whose protocols have to agree; the first section where there is none of them."""
    named = [each for each in sections if each.result.scores.protocol.name in DECIDING]
    return named or sections[:1]
