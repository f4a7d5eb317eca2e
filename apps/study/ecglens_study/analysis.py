"""Analysis of a study: every table of its page, and votes beside scores."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from ecglens.eval import Finding, each_network, rank
from ecglens.eval.ranking import areas, errors, usable_patients
from ecglens.eval.statistics import kendall, resampled, too_few
from ecglens.report.text import fixed
from jaxtyping import Float

from .agreement import agreement_table
from .ballots import StudyVotes, by_target_and_view
from .behaviour import behaviour_table, blinding_table
from .csv_files import UNKNOWN
from .preference import FAVOURED, LEAST_ECGS, counts_table, task_of, vote_table, votes_finding

LEAST_METHODS = 3  # the order of two methods is equal or reversed: no correlation
TIED = 9  # decimals of mean votes: thirds and sixths of equal sums differ in the sixteenth


class VotesAndScores(NamedTuple):
    """Votes and AUCs of the methods that have both, and Kendall's τ-b with its 95 % interval.

    Columns of `table`: method; votes with votes_low and votes_high; auc with auc_low, auc_high.
    """

    target: str
    view: str
    table: pd.DataFrame
    tau: float
    low: float
    high: float
    sentence: str


def compare_votes(votes: Finding, ranked: Finding, view: str, seed: int = 0) -> VotesAndScores:
    """Votes of one target and view beside the AUCs of the network that drew the maps.

    Votes and τ are of the ECGs with votes on all of these methods. The interval resamples them and
    the patients of the AUCs independently; it is NaN where they are too few
    (eval.statistics.too_few: of two ECGs with votes at random 39 % of studies would be called alike
    or opposite). τ is NaN if all votes or all AUCs are equal. Of several networks the first counts.
    Raises ValueError for fewer than LEAST_METHODS common methods.
    """
    ranked = _of_one_network(ranked)
    common = _common(votes, ranked)
    names = [*common.columns]
    _check_enough(names, ranked)
    values = common.to_numpy().T
    aucs = _aucs(ranked, names)
    patients = usable_patients(ranked.curves[0])
    few = too_few(len(common)) or too_few(len({*patients}))
    low, high = np.nan, np.nan
    if not few:
        drawn = (resampled([*common.index], seed) @ values.T).round(TIED)
        taus = kendall(drawn, resampled(patients, seed + 1) @ aucs.T)
        if len(known := taus[np.isfinite(taus)]):
            low, high = np.quantile(known, [0.025, 0.975]).tolist()
    tau = float(kendall(values.mean(1).round(TIED), aucs.mean(1)))
    compared = _on(votes, [*common.index])
    table = _vote_columns(compared, names).join(_auc_columns(ranked), on="method")
    ends = f"95 % interval {fixed(low, 2)} to {fixed(high, 2)}"
    ends = "with so few ECGs without an interval" if few else ends
    ends = f"votes on {len(common)} ECGs, {ends}"
    sentence = _sentence(table, tau, low, high, ends, task_of(votes))
    return VotesAndScores(ranked.about.target.name, view, table, tau, low, high, sentence)


def compare_counts(counts: pd.DataFrame, ranked: Finding, view: str) -> VotesAndScores:
    """Published sums of one target and view beside the AUCs, as `compare_votes`.

    Sums have no ECGs: the votes have no interval, and τ has none.
    """
    ranked = _of_one_network(ranked)
    names = [name for name in counts["method"] if name in ranked.curves[0].methods]
    _check_enough(names, ranked)
    number = counts.set_index("method")["votes"]
    shares = (number / number.sum())[names].to_numpy(float)
    aucs = _aucs(ranked, names)
    tau = float(kendall(shares, aucs.mean(1)))
    table = pd.DataFrame({"method": names, "votes": shares}).assign(
        votes_low=np.nan, votes_high=np.nan
    )
    table = table.join(_auc_columns(ranked), on="method")
    sentence = _sentence(table, tau, np.nan, np.nan, "sums of votes have no interval", "pick")
    return VotesAndScores(ranked.about.target.name, view, table, tau, np.nan, np.nan, sentence)


def _of_one_network(ranked: Finding) -> Finding:
    """The finding on its first network, whose maps were drawn."""
    return each_network(ranked)[0]


def _common(votes: Finding, ranked: Finding) -> pd.DataFrame:
    """Votes by ECG (row) and method with votes and AUCs, for ECGs with votes on all of these."""
    numbers = {
        name: each[0, 0]
        for name, each in votes.scores["votes"].items()
        if name in ranked.curves[0].methods
    }
    return pd.DataFrame(numbers, pd.Index(votes.about.records)).dropna(axis=1, how="all").dropna()


def _on(votes: Finding, ecgs: Sequence[str]) -> Finding:
    """The votes on these ECGs alone."""
    about, places = votes.about, [votes.about.records.index(ecg) for ecg in ecgs]
    about = replace(
        about, records=tuple(ecgs), patients=tuple(about.patients[place] for place in places)
    )
    scores = {"votes": {name: each[..., places] for name, each in votes.scores["votes"].items()}}
    return replace(votes, about=about, scores=scores, table=pd.DataFrame())


def _check_enough(names: Sequence[str], ranked: Finding) -> None:
    if len(names) < LEAST_METHODS:
        raise ValueError(
            f"expected at least {LEAST_METHODS} methods in both the votes and the result on "
            f"{ranked.about.target.name}, got {', '.join(names) or 'none'}; the result has "
            f"{', '.join(ranked.curves[0].methods) or 'none'}"
        )


def _aucs(ranked: Finding, names: Sequence[str]) -> Float[np.ndarray, "method ecg"]:
    """AUC of each method on each usable ECG, mean over noise draws."""
    found = areas(errors([ranked.curves[0]]), ranked.curves[0].protocol.until)[:, 0]
    return found[[ranked.curves[0].methods.index(name) for name in names]]


def _vote_columns(votes: Finding, names: Sequence[str]) -> pd.DataFrame:
    rows = votes.table.set_index("method").loc[[*names]].reset_index()
    ends = {"value": "votes", "low": "votes_low", "high": "votes_high"}
    return rows.rename(columns=ends).filter(["method", *ends.values()])


def _auc_columns(ranked: Finding) -> pd.DataFrame:
    rows = (
        rank(ranked)
        .table.set_index("method")
        .rename(columns={"value": "auc", "low": "auc_low", "high": "auc_high"})
    )
    return rows.filter(["auc", "auc_low", "auc_high"])


def _sentence(
    table: pd.DataFrame, tau: float, low: float, high: float, ends: str, task: str
) -> str:
    """Conclusion from τ, and the score's rank of the experts' favourite."""
    if np.isnan(tau):
        return "Votes or scores are equal for all methods: there is no order to compare."
    votes, ranks = table["votes"].round(TIED), table["auc"].rank(ascending=False, method="min")
    best = table.assign(rank=ranks)[votes == votes.max()]
    did = FAVOURED[task].format(", ".join(best["method"]))
    favourite = (
        f"Of the methods with a score, experts {did}; by the score rank "
        f"{', '.join(map('{:.0f}'.format, best['rank']))} of {len(table)}"
    )
    if low > 0:
        found = "Experts and the score tend to order the methods alike"
    elif high < 0:
        found = "Experts and the score tend to order the methods in opposite ways"
    else:
        found = "The data do not show whether experts and the score order the methods alike"
    printed = f"τ {fixed(tau, 2)}, {ends}"
    return f"{found} (Kendall’s {printed}). {favourite}."


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
            "expected one result per target, got several; name the one that drew the maps, "
            "or score all their methods in one run"
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
    guesses = study.guesses
    guessed = {*study.methods, *guesses["method"], *guesses["guess"]} - {UNKNOWN}
    has_guesses = len(guessed) > 1 and len(guesses) > 0
    comparisons = tuple(_comparisons(study, panels, by_target, seed))
    compared = {(each.target, each.view) for each in comparisons}
    left = [each for each in panels if each[0] in by_target and each not in compared]
    return Analysis(
        study=study,
        votes=table,
        agreement=nothing if only_counts else agreement_table(votes, study.possible, seed),
        behaviour=nothing if only_counts else behaviour_table(study.ballots, seed),
        blinding=blinding_table(guesses, len(guessed)) if has_guesses else nothing,
        panels=panels,
        comparisons=comparisons,
        results=by_target,
        notes=(*_notes(study, by_target, targets), *map(_too_few, left)),
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
        if target in results and len(_common(panel, results[target])) >= LEAST_ECGS:
            yield compare_votes(panel, results[target], view, seed)
    for (target, view), rows in by_target_and_view(study.counts):
        if target in results:
            yield compare_counts(rows, results[target], view)


def _too_few(panel: tuple[str, str]) -> str:
    return (
        f"{', '.join(panel)}: votes are not compared with scores; fewer than {LEAST_ECGS} ECGs "
        "have votes on every method."
    )


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
