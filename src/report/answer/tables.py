"""Tables of a page's top and of a terminal: gates, tiers, agreement of scores, rankings."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from ...eval import GATES, Answer
from ...eval.ranking import agree
from ..style import printed, style
from ..text.cautions import cautions_of, score_validation
from ..text.numerals import NOTHING, counted, number
from ..text.words import heading, level_words, named
from ..views.perturbation import PerturbationView
from ..views.ranking_uncertainty import LEAST_METHODS
from ..views.views import RunViews
from .heat_table import measures_table
from .statements import twins_sentence, witness_sentences
from .words import SIGNS, banner, protocols, title


@dataclass(frozen=True)
class Standing:
    """Tiers of a method over the views, in brackets where it is not to be used.

    The tier is 1 to 3 (best, medium, poor); "" where the method was not scored.
    """

    label: str
    tiers: tuple[str, ...]


@dataclass(frozen=True)
class Agreements:
    """A row for every two views of the same networks, target and ECGs.

    Columns: one and other, the keys of the views; one_score and other_score, in words;
    methods that both judged; tau, low and high (see agree); both, the methods that beat every
    control by both scores. Empty for too few methods.
    """

    title: str
    table: pd.DataFrame


@dataclass(frozen=True)
class RankingLines:
    """A title, a table with a row per method and control, and sentences on both."""

    title: str
    table: pd.DataFrame
    sentences: tuple[str, ...]


def answer_tables(run: RunViews) -> dict[str, pd.DataFrame]:
    """Every table with rows by the name of its file."""
    every = {
        "measures": measures_table([*run.ranked, *run.others]),
        "standings": _standings_table(run) if len(run.ranked) > 1 else pd.DataFrame(),
        "verdicts": _verdicts_table(run),
        "reading": _reading_table(run),
        "agreements": agreements_table(run),
    }
    return {name: table for name, table in every.items() if len(table)}


def verdict_tables(run: RunViews) -> list[dict[str, Any]]:
    """Every gate and the answer of every method, where a gate on the weights was tried."""
    found = []
    for answer, views in run.groups:
        twins = {*GATES.values()}
        tried = {each.gates[gate] for each in answer.methods for gate in twins & {*each.gates}}
        if tried <= {"not judged", "cannot be had"}:
            continue
        left_out = _left_out(views[0])
        rows = [
            {
                "method": each.name,
                "verdicts": [*each.gates.values()],
                "left_out": left_out.get(each.name, ""),
                "answer": f"{SIGNS[each.use]} {each.use}",
            }
            for each in answer.methods
        ]
        gates = [*answer.methods[0].gates]
        found.append({"title": title(answer), "gates": gates, "rows": rows})
    return found


def _left_out(view: PerturbationView) -> dict[str, str]:
    """Why each method was left out that was, by the first network that it was left out on."""
    every = [curves.left_out for curves in view.finding.curves]
    return {name: why for one in reversed(every) for name, why in one.items()}


def _verdicts_table(run: RunViews) -> pd.DataFrame:
    """The rows of all tables: the gates by their names."""
    rows = [
        {
            "of": table["title"],
            "method": row["method"],
            **dict(zip(table["gates"], row["verdicts"], strict=True)),
            "left_out": row["left_out"],
            "answer": row["answer"].partition(" ")[2],
        }
        for table in verdict_tables(run)
        for row in table["rows"]
    ]
    return pd.DataFrame(rows)


def _reading_table(run: RunViews) -> pd.DataFrame:
    """A row per answer: whether its networks read their target (eval.Reading)."""
    rows = [{"of": title(each), **asdict(each.reads)} for each in run.answers]
    return pd.DataFrame(rows)


def standings(run: RunViews) -> list[Standing]:
    """Every method with its tiers, those to use most often first."""
    each = [(view.ranking.table.set_index("method"), use) for view, use in _uses(run)]
    names = dict.fromkeys(n for view in run.ranked for n in view.finding.curves[0].methods)
    return [
        Standing(style(name).label, tuple(_tier(table, name, use) for table, use in each))
        for name in sorted(names, key=lambda name: -sum(name in use for _, use in each))
    ]


def _tier(table: pd.DataFrame, name: str, use: Sequence[str]) -> str:
    if name not in table.index:
        return ""
    tier = int(table.loc[name, "tier"])
    return f"{tier}" if name in use else f"({tier})"


def _standings_table(run: RunViews) -> pd.DataFrame:
    """Tier and level of each method in each view, and whether it is to be used there."""
    every = [pd.DataFrame()]
    for view, use in _uses(run):
        table = view.ranking.table
        tiers = table.loc[table["kind"] == "method", ["method", "tier", "level"]]
        every.append(tiers.assign(of=view.title, use=tiers["method"].isin(use)))
    return pd.concat(every, ignore_index=True)


def _uses(run: RunViews) -> list[tuple[PerturbationView, tuple[str, ...]]]:
    """Every ranking with the methods to use on its networks."""
    use = {view.key: answer.use for answer, views in run.groups for view in views}
    return [(view, use[view.key]) for view in run.ranked]


def agreements(run: RunViews) -> list[Agreements]:
    """Agreement of scores on the order of methods, by view; none for single scores."""
    groups: dict[tuple[int, object, object], list[PerturbationView]] = {}
    for place, (_, views) in enumerate(run.groups):
        for view in views:
            scores = view.first.curves[0]
            groups.setdefault((place, scores.records, scores.patients), []).append(view)
    return [
        Agreements(title(answer), pd.DataFrame(_agreeing(views)))
        for (place, *_), views in groups.items()
        for answer in (run.answers[place],)
        if len(views) > 1
    ]


def agreements_table(run: RunViews) -> pd.DataFrame:
    """The rows of all agreements."""
    return pd.concat([pd.DataFrame(), *(each.table for each in agreements(run))])


def _agreeing(views: Sequence[PerturbationView]) -> list[dict[str, Any]]:
    rows = []
    for one, other in combinations(views, 2):
        methods = {*_methods(one)} & {*_methods(other)}
        if len(methods) < LEAST_METHODS:
            continue
        named = {"one": one.key, "other": other.key}
        named |= {"one_score": _score(one), "other_score": _score(other), "methods": len(methods)}
        named |= agree(one.finding, other.finding)._asdict()
        rows.append(named | {"both": "; ".join(m for m in _shown(one) if m in _shown(other))})
    return rows


def _methods(view: PerturbationView) -> list[str]:
    table = view.ranking.table
    return [*table.loc[table["kind"] == "method", "method"]]


def _shown(view: PerturbationView) -> list[str]:
    """The methods that beat every control."""
    table = view.ranking.table
    return [*table.loc[table["beats_controls"], "method"]]


def _score(view: PerturbationView) -> str:
    """The title without target and input: the protocol, and what differs besides."""
    return " · ".join(filter(None, [heading(view.first)[2], view.differing]))


def ranking_lines(run: RunViews) -> list[RankingLines]:
    """The lines of each ranking of a run, best method first."""
    return [_lines(view, answer) for answer, views in run.groups for view in views]


def _lines(view: PerturbationView, answer: Answer) -> RankingLines:
    ranking, finding = view.ranking, view.finding
    level = f"level by {' and '.join(protocols(answer))}"
    rows = [
        {
            "method": style(row["method"]).label,
            "AUC": number(row["value"]),
            "95 %": f"{number(row['low'])} to {number(row['high'])}",
            level: "" if one is None else level_words(one.level, answer.target) or NOTHING,
            "answer": "" if one is None else f"{SIGNS[one.use]} {one.use}",
            "specific to its ECG": "" if one is None else one.this_ecg.verdict,
        }
        for row in ranking.table.to_dict("records")
        for one in (answer.of.get(row["method"]),)
    ]
    count = counted(ranking.networks, "network")
    return RankingLines(
        title=f"{view.title} · {count}" if ranking.networks > 1 else view.title,
        table=pd.DataFrame(rows),
        sentences=(
            *filter(None, [banner(answer), twins_sentence(answer)]),
            *witness_sentences(answer),
            named(printed(ranking.sentence, ranking.names), answer.target),
            *(f"- {caution}" for caution in cautions_of(finding)),
            f"Validation of this score: {score_validation(finding)}.",
        ),
    )
