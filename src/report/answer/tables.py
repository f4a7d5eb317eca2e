"""Tables of a page's top and of a terminal: gates, tiers, agreement of scores, rankings."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import Any

import pandas as pd

from ...eval import Answer, Measure
from ...eval.ranking import agree
from ..next_run import Made
from ..style import printed, style
from ..text.cautions import cautions_of, score_validation
from ..text.numerals import NOTHING, counted, number
from ..text.words import auc_unit, heading, level_words, named
from ..views.perturbation import PerturbationView
from ..views.ranking_uncertainty import LEAST_METHODS
from ..views.view import View
from ..views.views import RunViews
from .claims import CLAIMS, claim_cells, claim_rows, plan_command
from .figure import answer_figures
from .statements import twins_sentence, witness_sentences
from .top import top_words
from .words import GATE_HEADS, SIGNS, banner, on_explained, protocols, titles, words_of

# Columns of a finding's table; those before them name target, input and evaluation.
NUMBERS = ("measure", "method", "kind", "value", "low", "high", "beats_controls")


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
    """A title, a table with a row per method and control, and sentences on both.

    `answer` are lines on all rankings of an answer, before those of its first.
    """

    title: str
    table: pd.DataFrame
    sentences: tuple[str, ...]
    answer: tuple[str, ...] = ()


ANSWERED = ("beats", "answer", "specific to its ECG")


def answer_tables(run: RunViews) -> dict[str, pd.DataFrame]:
    """Every table with rows by the name of its file."""
    claims = [{"of": of, **row} for each, of in titles(run).items() for row in claim_rows(each)]
    every = {
        "measures": measures_table([*run.ranked, *run.others]),
        "standings": _standings_table(run) if len(run.ranked) > 1 else pd.DataFrame(),
        "verdicts": _verdicts_table(run),
        "claims": pd.DataFrame(claims),
        "reading": _reading_table(run),
        "agreements": agreements_table(run),
    }
    return {name: table for name, table in every.items() if len(table)}


@lru_cache(maxsize=1)  # for the page and for the file beside it
def number_tables(run: RunViews) -> list[dict[str, Any]]:
    """Estimate, nulls, gates, answer and claims of every method, for each answer."""
    found, named = [], titles(run)
    for figure in answer_figures(run.groups):
        # The first network that a method was left out on says why.
        every = [curves.left_out for curves in reversed(figure.view.finding.curves)]
        left_out = {name: why for one in every for name, why in one.items()}
        words = words_of(figure.answer)
        scored = {row.name: row for row in figure.rows}
        rows = [
            {
                "method": each.name,
                "answer": each.use,
                "reason": words[each.name].reason,
                **asdict(scored[each.name].score),
                "region": scored[each.name].region,
                "others": scored[each.name].others,
                "verdicts": dict(each.gates),
                "left_out": left_out.get(each.name, ""),
            }
            for each in figure.answer.methods
        ]
        gates = [(gate, GATE_HEADS[gate]) for gate in figure.answer.methods[0].gates]
        about = {"title": named[figure.answer], "score": figure.score_label, "gates": gates}
        claims = [*claim_cells(figure.answer)]
        commands = [(each, plan_command(each, figure.answer, run.made)) for each in CLAIMS]
        found.append({**about, "rows": rows, "claims": claims, "commands": commands})
    return found


def _verdicts_table(run: RunViews) -> pd.DataFrame:
    """The rows of all tables: the gates by their names."""
    rows = [
        {
            "of": table["title"],
            "method": row["method"],
            **row["verdicts"],
            **{name: row[name] for name in ("value", "low", "high", "region", "others")},
            "left_out": row["left_out"],
            "answer": row["answer"],
        }
        for table in number_tables(run)
        for row in table["rows"]
    ]
    return pd.DataFrame(rows)


def measures_table(views: Sequence[View]) -> pd.DataFrame:
    """A row per target, input, evaluation, measure and method: the numbers of all evaluations."""
    return pd.DataFrame([row for view in views for row in _rows(view)])


def _rows(view: View) -> list[dict[str, Any]]:
    about, own = view.finding.about, {each.name: each for each in _measures(view)}
    table = view.finding.table.reindex(columns=[*NUMBERS]).astype(object)
    return [
        {
            "target": about.target.explained,
            "input": about.input,
            "evaluation": about.evaluation,
            "differing": view.differing,
            "unit": own[row["measure"]].unit,
            "higher_is_better": own[row["measure"]].higher_is_better,
            **row,
        }
        for row in table.to_dict("records")
    ]


def _measures(view: View) -> list[Measure]:
    """The measures of a view, an area with the unit that it has there."""
    if isinstance(view, PerturbationView):
        return [replace(each, unit=auc_unit(view.first)) for each in view.finding.measures]
    return [*view.finding.measures]


def _reading_table(run: RunViews) -> pd.DataFrame:
    """A row per answer: whether its networks read their target (eval.Reading)."""
    rows = [{"of": of, **asdict(each.reads)} for each, of in titles(run).items()]
    for row in rows:
        alone = row.pop("explained") or {}
        ends = {f"explained_{end}": alone.get(end, math.nan) for end in ("value", "low", "high")}
        row |= {**ends, "worst": alone["worst"].record if alone else ""}
    return pd.DataFrame(rows)


def standings(run: RunViews) -> list[tuple[str, list[str]]]:
    """Each method by its printed name with its tier in each view, those to use most often first.

    The tier is 1 to 3 (best, medium, poor), in brackets where the method is not to be used, and ""
    where it was not scored.
    """
    each = [(view.ranking.table.set_index("method"), use) for view, use in _uses(run)]
    names = dict.fromkeys(n for view in run.ranked for n in view.finding.curves[0].methods)
    return [
        (style(name).label, [_tier(table, name, use) for table, use in each])
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
    groups: dict[tuple[Answer, object, object], list[PerturbationView]] = {}
    for answer, views in run.groups:
        for view in views:
            scores = view.first.curves[0]
            groups.setdefault((answer, scores.records, scores.patients), []).append(view)
    named = titles(run)
    several = [(named[answer], views) for (answer, *_), views in groups.items() if len(views) > 1]
    return [Agreements(title, pd.DataFrame(_agreeing(views))) for title, views in several]


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
    """The lines of each ranking of a run, best method first; a caution is told once."""
    told: dict[str, None] = {}
    found = []
    for answer, views in run.groups:
        for view in views:
            cautions = [each for each in cautions_of(view.finding) if each not in told]
            told |= dict.fromkeys(cautions)
            found.append(_lines(view, answer, cautions, first=view is views[0], made=run.made))
    return found


def _lines(
    view: PerturbationView,
    answer: Answer,
    cautions: Sequence[str],
    *,
    first: bool,
    made: Made | None,
) -> RankingLines:
    """Lines of a ranking; the answer, which is of all its rankings, is in those of the `first`."""
    ranking = view.ranking
    rows = [
        {
            "method": style(row["method"]).label,
            "AUC": number(row["value"]),
            "95 %": f"{number(row['low'])} to {number(row['high'])}",
            **(_answered(answer, row["method"]) if first else {}),
        }
        for row in ranking.table.to_dict("records")
    ]
    count = counted(ranking.networks, "network")
    said = [twins_sentence(answer), *witness_sentences(answer)] if first else []
    return RankingLines(
        title=f"{view.title} · {count}" if ranking.networks > 1 else view.title,
        table=pd.DataFrame(rows),
        sentences=(
            *filter(None, said),
            named(printed(ranking.sentence, ranking.names), answer.target),
            *(f"- {caution}" for caution in cautions),
            f"Validation of this score: {score_validation(view.finding)}.",
        ),
        answer=_answer_lines(view, answer, made) if first and answer.methods else (),
    )


def _answered(answer: Answer, name: str) -> dict[str, str]:
    """Cells of a method; empty for a control."""
    one = answer.of.get(name)
    if one is None:
        return dict.fromkeys(ANSWERED, "")
    level = level_words(one.level, answer.target).removeprefix("beats ") or NOTHING
    cells = (level, f"{SIGNS[one.use]} {one.use}", one.this_ecg.verdict)
    return dict(zip(ANSWERED, cells, strict=True))


def _answer_lines(view: PerturbationView, answer: Answer, made: Made | None) -> tuple[str, ...]:
    """The answer, why, and the next command, in which no line is broken."""
    words = top_words(answer, view.first.facts, made)
    by = f"By {' and '.join(protocols(answer))}: {words.answer}"
    run = f"Next, {words.minutes}: {words.next}" if words.minutes else f"Next: {words.next}"
    command = f"  {words.command}" if words.command else ""
    why = f"{words.why} {words.ecg}".strip()
    return tuple(filter(None, [banner(answer) or on_explained(answer), by, why, run, command]))
