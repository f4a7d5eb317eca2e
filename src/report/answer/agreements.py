"""Whether the scores of a page order the methods of the same networks alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from ...eval.ranking.agree import agree
from ..text.words import heading
from ..views.perturbation import Section
from ..views.sureness import LEAST_METHODS


@dataclass(frozen=True)
class Agreements:
    """A row for every two sections of the same networks, target and ECGs.

    Columns: one and other, the keys of the sections; one_score and other_score, in words;
    methods that both judged; tau, low and high (see agree); both, the methods that beat every
    control by both scores. Empty for too few methods.
    """

    title: str
    table: pd.DataFrame


def agreements(sections: Sequence[Section]) -> list[Agreements]:
    """In the order of the sections; none where no two are of the same networks."""
    groups: dict[object, list[Section]] = {}
    for section in sections:
        groups.setdefault(_question(section), []).append(section)
    return [
        Agreements(_of(group[0]), pd.DataFrame(_rows(group)))
        for group in groups.values()
        if len(group) > 1
    ]


def _question(section: Section) -> object:
    networks = frozenset(each.network for each in section.results)
    scores = section.result.scores
    return networks, section.result.target, section.result.input, scores.records, scores.patients


def _rows(group: Sequence[Section]) -> list[dict]:
    rows = []
    for one, other in combinations(group, 2):
        methods = {*_methods(one)} & {*_methods(other)}
        if len(methods) < LEAST_METHODS:
            continue
        named = {"one": one.key, "other": other.key}
        named |= {"one_score": _score(one), "other_score": _score(other), "methods": len(methods)}
        named |= agree(one.results, other.results)._asdict()
        rows.append(named | {"both": "; ".join(m for m in _shown(one) if m in _shown(other))})
    return rows


def _methods(section: Section) -> list[str]:
    table = section.ranking.table
    return [*table.loc[table["kind"] == "method", "method"]]


def _shown(section: Section) -> list[str]:
    """The methods that beat every control."""
    table = section.ranking.table
    return [*table.loc[table["beats_controls"], "method"]]


def _of(section: Section) -> str:
    """Target and input."""
    return " · ".join(heading(section.result)[:2])


def _score(section: Section) -> str:
    """What is left of the title: the rules, and what differs beside them."""
    return section.title.removeprefix(f"{_of(section)} · ")


def agreements_table(sections: Sequence[Section]) -> pd.DataFrame:
    """The rows of all."""
    return pd.concat([pd.DataFrame(), *(each.table for each in agreements(sections))])
