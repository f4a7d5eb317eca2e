"""Whether the scores of a page order the methods of the same networks alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from ...eval.ranking import agree
from ..text.words import heading
from ..views.perturbation import PerturbationView
from ..views.sureness import LEAST_METHODS


@dataclass(frozen=True)
class Agreements:
    """A row for every two views of the same networks, target and ECGs.

    Columns: one and other, the keys of the views; one_score and other_score, in words;
    methods that both judged; tau, low and high (see agree); both, the methods that beat every
    control by both scores. Empty for too few methods.
    """

    title: str
    table: pd.DataFrame


def agreements(sections: Sequence[PerturbationView]) -> list[Agreements]:
    """Agreements in the order of the views; none where no two are of the same networks."""
    groups: dict[object, list[PerturbationView]] = {}
    for section in sections:
        groups.setdefault(_question(section), []).append(section)
    return [
        Agreements(_of(group[0]), pd.DataFrame(_rows(group)))
        for group in groups.values()
        if len(group) > 1
    ]


def _question(section: PerturbationView) -> object:
    networks = frozenset(section.finding.about.networks)
    scores = section.first.curves[0]
    return (
        networks,
        section.first.about.target,
        section.first.about.input,
        scores.records,
        scores.patients,
    )


def _rows(group: Sequence[PerturbationView]) -> list[dict]:
    rows = []
    for one, other in combinations(group, 2):
        methods = {*_methods(one)} & {*_methods(other)}
        if len(methods) < LEAST_METHODS:
            continue
        named = {"one": one.key, "other": other.key}
        named |= {"one_score": _score(one), "other_score": _score(other), "methods": len(methods)}
        named |= agree(one.finding, other.finding)._asdict()
        rows.append(named | {"both": "; ".join(m for m in _shown(one) if m in _shown(other))})
    return rows


def _methods(section: PerturbationView) -> list[str]:
    table = section.ranking.table
    return [*table.loc[table["kind"] == "method", "method"]]


def _shown(section: PerturbationView) -> list[str]:
    """The methods that beat every control."""
    table = section.ranking.table
    return [*table.loc[table["beats_controls"], "method"]]


def _of(section: PerturbationView) -> str:
    """Target and input."""
    return " · ".join(heading(section.first)[:2])


def _score(section: PerturbationView) -> str:
    """The rest of the title: the protocol, and what differs besides."""
    return section.title.removeprefix(f"{_of(section)} · ")


def agreements_table(sections: Sequence[PerturbationView]) -> pd.DataFrame:
    """The rows of all agreements."""
    return pd.concat([pd.DataFrame(), *(each.table for each in agreements(sections))])
