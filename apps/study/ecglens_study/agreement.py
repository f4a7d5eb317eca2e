"""Agreement of experts with each other and with themselves: in tables, so far, in a debrief."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from ecglens.eval.statistics import interval, resampled, too_few
from jaxtyping import Bool, Int

from .ballots import MEAN, RATINGS, Ballot
from .coefficients import (
    MISSING,
    Coefficient,
    Weights,
    cohen_kappa,
    gwet_ac1,
    krippendorff_alpha,
    mean_by_items,
    mean_kappa,
    percent_agreement,
    strength,
    weighted_kappa,
)

COEFFICIENTS = {
    "kappa": "Cohen’s κ",
    "weighted": "weighted κ",
    "ac1": "Gwet’s AC1",
    "alpha": "Krippendorff’s α",
    "agreement": "equal answers",
}
TOTAL = "all targets"
BETWEEN, WITHIN = "between experts", "within an expert"
AGREEMENT_COLUMNS = (
    "view", "target", "kind", "expert", "coefficient", "value", "low", "high", "word",
    "one_category", "decisions", "ecgs", "categories",
)  # fmt: skip


class Block(NamedTuple):
    """Ratings that are compared with each other, and the ECG of each item."""

    ratings: Int[np.ndarray, "rater item"]
    ecgs: tuple[str, ...]


class AgreementEstimate(NamedTuple):
    """Coefficient with its 95 % interval over ECGs; `one_category` marks 0/0."""

    value: float
    low: float
    high: float
    one_category: bool


def agreement_table(
    votes: pd.DataFrame, possible: Callable[[str], int], seed: int = 0
) -> pd.DataFrame:
    """One row per view, target (and TOTAL), kind, expert and coefficient, with AGREEMENT_COLUMNS.

    `votes` is a table made by `frame_of` without catch items; `possible` gives the number of
    possible answers for a target, and with "" for all targets. Experts are compared with each
    other on each showing of an item; the two showings of one expert are compared for each
    expert and as their MEAN. TOTAL pools the decisions of all targets. `low` and `high` are the
    95 % interval over ECGs, resampled with all their decisions; NaN for 5 or fewer. Ratings have κ
    with quadratic weights, too. `categories` counts the answers that were given. Rows without two
    answers to compare are left out.
    """
    rows = []
    for view, of_view in votes.groupby("view", sort=False):
        parts = {str(target): part for target, part in of_view.groupby("target", sort=False)}
        if len(parts) > 1:
            parts[TOTAL] = of_view
        for target, part in parts.items():
            answers = possible("" if target == TOTAL else target)
            rows += [{"view": view, "target": target} | row for row in _rows(part, answers, seed)]
    return pd.DataFrame(rows, columns=pd.Index(AGREEMENT_COLUMNS))


def _rows(votes: pd.DataFrame, possible: int, seed: int) -> Iterator[dict[str, Any]]:
    comparisons = []
    if len({*votes["expert"]}) > 1:
        comparisons.append((BETWEEN, "", [_block(votes, "showing", "expert")]))
    twice = {
        str(expert): block
        for expert, own in votes.groupby("expert")
        if _compared((block := _block(own, "expert", "showing")).ratings)
    }
    comparisons += [(WITHIN, expert, [block]) for expert, block in twice.items()]
    if len(twice) > 1:
        comparisons.append((WITHIN, MEAN, [*twice.values()]))
    for kind, expert, blocks in comparisons:
        own = votes if expert in ("", MEAN) else votes.loc[votes["expert"] == expert]
        seen = {
            "kind": kind,
            "expert": expert,
            "decisions": len(own),
            "ecgs": len({*own["ecg"]}),
            "categories": len({*own["answer"]}),
        }
        for name in COEFFICIENTS:
            if name == "weighted" and not _rated(votes):
                continue
            found = estimate(name, blocks, possible, seed)
            word = "" if name == "agreement" else strength(found.value)
            if not np.isnan(found.value):
                yield seen | {"coefficient": name, "word": word} | found._asdict()


def _block(votes: pd.DataFrame, beside: str, rater: str) -> Block:
    """Answer codes per rater and item: in alphabetical order, or ratings from 0."""
    given = map(str, RATINGS) if _rated(votes) else sorted({*votes["answer"]})
    codes = {answer: code for code, answer in enumerate(given)}
    raters = {name: row for row, name in enumerate(sorted({*votes[rater]}))}
    keys = [*zip(votes["target"], votes["item"], votes[beside], strict=True)]
    place = {key: column for column, key in enumerate(sorted({*keys}))}
    ratings = np.full((len(raters), len(place)), MISSING)
    for key, name, answer in zip(keys, votes[rater], votes["answer"], strict=True):
        ratings[raters[name], place[key]] = codes[answer]
    ecgs = tuple(item[0] for _, item, _ in place)
    if {*votes["task"]} == {"pair"}:
        return Block(_both_ways(ratings), ecgs * 2)
    return Block(ratings, ecgs)


def _both_ways(codes: Int[np.ndarray, "*rater item"]) -> Int[np.ndarray, "*rater item"]:
    """Answers to pairs, then those to the same pairs the other way round.

    Which name comes first says nothing: chance agreement is ½, however the methods are named.
    """
    return np.concatenate([codes, np.where(codes == MISSING, MISSING, 1 - codes)], axis=-1)


def _rated(votes: pd.DataFrame) -> bool:
    """True if the answers are ratings, which have distances."""
    return {*votes["task"]} == {"rate"}


def estimate(name: str, blocks: Sequence[Block], possible: int, seed: int = 0) -> AgreementEstimate:
    """Mean of a coefficient over blocks, weighted by the items that each compares.

    All blocks share the bootstrap draws of ECGs; a block counts in a replicate by what it draws.
    The percentile interval is widened for few ECGs (eval.statistics.resampling); of 5 or fewer
    with two answers to compare there is none, as theirs would hold the truth in 44 to 85 % of
    studies. Replicates that are 0/0 count as 1, as the data would: without them, one differing
    answer would give κ 0.00 (0.00 to 0.00).
    """
    pairable = [_are_compared(block.ratings) for block in blocks]
    points = [_coefficient(name, block.ratings, possible) for block in blocks]
    items = np.array([each.sum() for each in pairable], float)
    value = float(mean_by_items(np.array([point.value[0] for point in points]), items))
    one_category = any(bool(point.one_category[0]) for point in points)
    names = sorted({ecg for block in blocks for ecg in block.ecgs})
    compared = {
        ecg
        for block, each in zip(blocks, pairable, strict=True)
        for ecg in compress(block.ecgs, each)
    }
    if too_few(len(compared)) or np.isnan(value):
        return AgreementEstimate(value, np.nan, np.nan, one_category)
    number = {ecg: place for place, ecg in enumerate(names)}
    times = len(names) * resampled(names, seed)
    weights = [times[:, [number[ecg] for ecg in block.ecgs]] for block in blocks]
    drawn = [
        _coefficient(name, block.ratings, possible, own).value
        for block, own in zip(blocks, weights, strict=True)
    ]
    items = [own[:, each].sum(1) for own, each in zip(weights, pairable, strict=True)]
    mean = mean_by_items(np.stack(drawn), np.stack(items))
    low, high = interval(mean[None, np.isfinite(mean)], len(compared))
    return AgreementEstimate(value, float(low[0]), float(high[0]), one_category)


def _coefficient(
    name: str, ratings: Int[np.ndarray, "rater item"], possible: int, weights: Weights | None = None
) -> Coefficient:
    if name == "ac1":
        return gwet_ac1(ratings, possible, weights)
    of = {
        "kappa": cohen_kappa,
        "weighted": weighted_kappa,
        "alpha": krippendorff_alpha,
        "agreement": percent_agreement,
    }
    return of[name](ratings, weights)


@dataclass(frozen=True)
class KappaSoFar:
    """κ of one target and view, as in `agreement_table`; NaN before the first comparison.

    Ratings have κ with quadratic weights, other answers Cohen's κ. `between` compares experts on
    each showing of an item, `within` is the mean over experts of κ between their two showings,
    weighted by the items they judged twice. `items` counts showings that at least two experts
    judged, `repeats` items that an expert judged twice, `experts` those who voted.
    """

    target: str
    view: str
    between: float
    within: float
    experts: int
    items: int
    repeats: int


def kappa_so_far(ballots: Sequence[Ballot]) -> list[KappaSoFar]:
    """κ of each target and view with votes, in order of first appearance, without catch items."""
    found: dict[tuple[str, str], list[Ballot]] = {}
    for ballot in ballots:
        if not ballot.catch:
            found.setdefault((ballot.target, ballot.view), []).append(ballot)
    return [_kappas(target, view, own) for (target, view), own in found.items()]


def _kappas(target: str, view: str, votes: Sequence[Ballot]) -> KappaSoFar:
    codes, rates = _codes(votes), votes[0].task == "rate"
    items, repeats = _compared(codes.reshape(len(codes), -1)), sum(map(_compared, codes))
    if votes[0].task == "pair":
        codes = _both_ways(codes)
    twice = [each for each in codes if _compared(each)]
    own = np.array([_kappa(each, rates) for each in twice])
    return KappaSoFar(
        target,
        view,
        between=_kappa(codes.reshape(len(codes), -1), rates),
        within=float(mean_by_items(own, np.array([_compared(each) for each in twice], float))),
        experts=len(codes),
        items=items,
        repeats=repeats,
    )


def _kappa(ratings: Int[np.ndarray, "rater item"], rates: bool) -> float:
    if len(ratings) < 2:
        return np.nan
    return float(weighted_kappa(ratings).value[0]) if rates else mean_kappa(ratings)


def _compared(ratings: Int[np.ndarray, "rater item"]) -> int:
    return int(_are_compared(ratings).sum())


def _are_compared(ratings: Int[np.ndarray, "rater item"]) -> Bool[np.ndarray, " item"]:
    """Items with two answers or more."""
    return (ratings != MISSING).sum(0) > 1


def _codes(votes: Sequence[Ballot]) -> Int[np.ndarray, "expert 2 item"]:
    """Answer codes by showing; each vote is read once. Ratings are their own codes."""
    experts: dict[str, int] = {}
    items: dict[tuple[str, ...], int] = {}
    answers: dict[str, int] = {}
    found = [
        (
            experts.setdefault(vote.expert, len(experts)),
            vote.showing - 1,
            items.setdefault(vote.item, len(items)),
            vote.rating or answers.setdefault(vote.answer, len(answers)),
        )
        for vote in votes
    ]
    codes = np.full((len(experts), 2, len(items)), MISSING)
    expert, showing, item, answer = np.array(found).T
    codes[expert, showing, item] = answer
    return codes


@dataclass(frozen=True)
class Debrief:
    """Answers of one expert compared with their own repeats and with the others.

    `same` of `repeats` items had the same answer at both showings. `equal` of `compared` pairs of
    answers to the same item and showing, one by this expert and one by any of the `others`, were
    equal; `equal_among` of `compared_among` pairs were among the others.
    """

    repeats: int
    same: int
    others: int
    compared: int
    equal: int
    compared_among: int
    equal_among: int


def debrief(ballots: Sequence[Ballot], expert: str) -> Debrief:
    """Debrief of this expert; catch items are left out."""
    shown: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    own: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for ballot in ballots:
        if ballot.catch:
            continue
        item = (ballot.target, ballot.view, *ballot.item)
        shown[*item, str(ballot.showing)][ballot.expert] = ballot.answer
        if ballot.expert == expert:
            own[item].append(ballot.answer)
    repeated = [answers for answers in own.values() if len(answers) > 1]
    compared = equal = compared_among = equal_among = 0
    for answers in shown.values():
        others = [answer for name, answer in answers.items() if name != expert]
        compared_among += len(others) * (len(others) - 1) // 2
        equal_among += sum(one == other for k, one in enumerate(others) for other in others[:k])
        if expert in answers:
            compared += len(others)
            equal += others.count(answers[expert])
    names = {name for answers in shown.values() for name in answers} - {expert}
    return Debrief(
        repeats=len(repeated),
        same=sum(len({*answers}) == 1 for answers in repeated),
        others=len(names),
        compared=compared,
        equal=equal,
        compared_among=compared_among,
        equal_among=equal_among,
    )
