"""Everything that an analysis of a study says, before it is written down."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ..eval import Panel, Result
from .against import Against, against, counts_against
from .agreement import agreement_table
from .blinding import blinding_table
from .conduct import conduct_table
from .folder import Study
from .preference import columns_of, counts_table, vote_table, votes_panel


@dataclass(frozen=True, eq=False)
class Analysis:
    """`votes` is the study's Table 2, `agreement` its Table 3, both with more columns.

    `panels` are the votes as an evaluation, by target and view; `against` has those of which there
    is a result. Of published sums there are only `votes` and `against`. `notes` are what a reader
    should know before.
    """

    study: Study
    votes: pd.DataFrame
    agreement: pd.DataFrame
    conduct: pd.DataFrame
    blinding: pd.DataFrame
    panels: Mapping[tuple[str, str], Panel]
    against: tuple[Against, ...]
    results: Mapping[str, Result]  # by target
    notes: tuple[str, ...]


def analyse(study: Study, results: Sequence[Result] = (), seed: int = 0) -> Analysis:
    """Count, compare and order. Raises ValueError for two results on one target, for results of
    which none is on a target of the votes, and for a study without votes."""
    by_target = {result.target.name: result for result in results}
    if len(by_target) < len(results):
        raise ValueError("expected one result for each target, got several; name the one that drew "
                         "the maps")  # fmt: skip
    votes, nothing = study.votes, pd.DataFrame()
    counted = votes.empty
    if counted and study.counts.empty:
        raise ValueError("expected votes, got only catch items")
    table = counts_table(study.counts) if counted else vote_table(votes, study.methods)
    targets = {target for _, target in table.columns}
    if by_target and not targets & {*by_target}:
        raise ValueError(
            f"expected a result on {', '.join(sorted(targets))}, got {', '.join(by_target)}"
        )
    panels = {
        (target, view): _panel(part, study.methods_of(target), seed)
        for (target, view), part in columns_of(votes)
    }
    enough = len(study.methods) > 1 and len(study.guesses) > 0
    return Analysis(
        study=study,
        votes=table,
        agreement=nothing if counted else agreement_table(votes, study.possible, seed),
        conduct=nothing if counted else conduct_table(study.ballots, seed),
        blinding=blinding_table(study.guesses, len(study.methods)) if enough else nothing,
        panels=panels,
        against=tuple(_compared(study, panels, by_target, seed)),
        results=by_target,
        notes=tuple(_notes(study, by_target, targets)),
    )


def _panel(votes: pd.DataFrame, methods: Sequence[str], seed: int) -> Panel:
    return votes_panel(votes, methods, max(int(votes["shown"].max()), len(methods)), seed)


def _compared(
    study: Study,
    panels: Mapping[tuple[str, str], Panel],
    results: Mapping[str, Result],
    seed: int,
) -> Iterator[Against]:
    for (target, view), panel in panels.items():
        if target in results:
            yield against(panel, results[target], view, seed)
    for (target, view), part in columns_of(study.counts):
        if target in results:
            yield counts_against(part, results[target], view, seed)


def _notes(study: Study, results: Mapping[str, Result], targets: set[str]) -> Iterator[str]:
    """What was not there to be analysed, and what is not over yet."""
    if study.votes.empty:
        yield (
            "These votes are sums: agreement, intervals and how the experts worked need the "
            "single ballots."
        )
        return
    if study.open:
        yield (
            "The study is not locked: votes may still come. This page names the methods; whoever "
            "reads it should see no expert's maps any more."
        )
    if study.votes["expert"].nunique() < 2:
        yield "One expert voted: there is no agreement between experts."
    if len({*study.votes["showing"]}) < 2:
        yield "Nothing was shown twice: there is no agreement within an expert."
    most = int(study.votes["shown"].max())
    if study.protocol == "pick" and most > len(study.methods):
        yield (
            f"Up to {most} maps were shown at once but {len(study.methods)} were ever chosen: the "
            "others have no row here unless study import is told their names."
        )
    for target in sorted(targets):
        shown = study.methods_of(target)
        if lacking := ", ".join(each for each in study.methods if each not in shown):
            yield f"No maps by {lacking} were shown on {target}: 0 votes there say nothing."
    if left := sorted({*results} - targets):
        yield f"No votes on {', '.join(left)}: these results are not compared."
