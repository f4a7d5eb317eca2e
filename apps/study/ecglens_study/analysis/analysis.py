"""Analysis of a study: every table and comparison that its page shows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from ecglens.eval import Finding

from ..ballots import StudyVotes, by_target_and_view
from .agreement import agreement_table
from .blinding import blinding_table
from .preference import counts_table, vote_table, votes_finding
from .rater_behaviour import behaviour_table
from .votes_and_scores import VotesAndScores, compare_counts, compare_votes


@dataclass(frozen=True, eq=False)
class Analysis:
    """Tables of a study; `votes` and `agreement` extend Tables 2 and 3 of Storås 2025.

    `panels` are the votes as an evaluation, by target and view; `comparisons` set them beside the
    scores of `results`, by target. Published sums have only `votes` and `comparisons`. `notes` are
    limits that a reader should know first.
    """

    study: StudyVotes
    votes: pd.DataFrame
    agreement: pd.DataFrame
    behaviour: pd.DataFrame
    blinding: pd.DataFrame
    panels: Mapping[tuple[str, str], Finding]
    comparisons: tuple[VotesAndScores, ...]
    results: Mapping[str, Finding]
    notes: tuple[str, ...]


def analyse(study: StudyVotes, results: Sequence[Finding] = (), seed: int = 0) -> Analysis:
    """Analysis of the votes, compared with the score of each result.

    Raises ValueError for two results on one target, for results of which none is on a target of
    the votes, and for a study without votes.
    """
    by_target = {result.about.target.name: result for result in results}
    if len(by_target) < len(results):
        raise ValueError(
            "expected one result per target, got several; name the one that drew the maps"
        )
    votes, nothing = study.votes, pd.DataFrame()
    only_counts = votes.empty
    if only_counts and study.counts.empty:
        raise ValueError("expected votes, got only catch items")
    table = counts_table(study.counts) if only_counts else vote_table(votes, study.methods)
    targets = {target for _, target in table.columns}
    if by_target and not targets & {*by_target}:
        raise ValueError(
            f"expected a result on {', '.join(sorted(targets))}, got {', '.join(by_target)}"
        )
    panels = {
        (target, view): _panel(rows, study.methods_of(target), seed)
        for (target, view), rows in by_target_and_view(votes)
    }
    has_guesses = len(study.methods) > 1 and len(study.guesses) > 0
    return Analysis(
        study=study,
        votes=table,
        agreement=nothing if only_counts else agreement_table(votes, study.possible, seed),
        behaviour=nothing if only_counts else behaviour_table(study.ballots, seed),
        blinding=blinding_table(study.guesses, len(study.methods)) if has_guesses else nothing,
        panels=panels,
        comparisons=tuple(_comparisons(study, panels, by_target, seed)),
        results=by_target,
        notes=tuple(_notes(study, by_target, targets)),
    )


def _panel(votes: pd.DataFrame, methods: Sequence[str], seed: int) -> Finding:
    return votes_finding(votes, methods, max(int(votes["shown"].max()), len(methods)), seed)


def _comparisons(
    study: StudyVotes,
    panels: Mapping[tuple[str, str], Finding],
    results: Mapping[str, Finding],
    seed: int,
) -> Iterator[VotesAndScores]:
    for (target, view), panel in panels.items():
        if target in results:
            yield compare_votes(panel, results[target], view, seed)
    for (target, view), rows in by_target_and_view(study.counts):
        if target in results:
            yield compare_counts(rows, results[target], view, seed)


def _notes(study: StudyVotes, results: Mapping[str, Finding], targets: set[str]) -> Iterator[str]:
    """Parts of the analysis that are missing, with the reason, and whether voting is over."""
    if study.votes.empty:
        yield (
            "These votes are sums. Agreement, intervals and rater behaviour need single ballots."
        )
        return
    if study.open:
        yield (
            "The study is not locked: experts can still vote. This page names the methods; do not "
            "show it to anyone who still votes."
        )
    if study.votes["expert"].nunique() < 2:
        yield "One expert voted: agreement between experts is not defined."
    if len({*study.votes["showing"]}) < 2:
        yield "Nothing was shown twice: agreement within an expert is not defined."
    most = int(study.votes["shown"].max())
    if study.task == "pick" and most > len(study.methods):
        yield (
            f"Up to {most} maps were on one screen, but only {len(study.methods)} were ever "
            "chosen. The others have no row here; name them with study import --methods."
        )
    for target in sorted(targets):
        shown = study.methods_of(target)
        if lacking := ", ".join(each for each in study.methods if each not in shown):
            yield f"Maps by {lacking} were not shown for {target}; their 0 votes mean nothing."
    if left := sorted({*results} - targets):
        yield f"No votes on {', '.join(left)}: these results are not compared."
