"""Agreement while a study runs; it names no method."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from ...ballots import Ballot
from .coefficients import MISSING, mean_kappa, weighted_kappa


@dataclass(frozen=True)
class KappaSoFar:
    """κ of one target and view, as in `agreement_table`; NaN before the first comparison.

    Ratings have κ with quadratic weights, other answers Cohen's κ. `between` compares experts on
    each showing of an item, `within` is the mean over experts of κ between their two showings.
    `items` counts showings that at least two experts judged, `repeats` items that an expert judged
    twice, `experts` those who voted.
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
    among = codes.reshape(len(codes), -1)
    own = [each for each in codes if (each != MISSING).any(axis=1).all()]
    return KappaSoFar(
        target,
        view,
        between=_kappa(among, rates),
        within=float(np.mean([_kappa(each, rates) for each in own])) if own else np.nan,
        experts=len(among),
        items=_compared(among),
        repeats=sum(map(_compared, own)),
    )


def _kappa(ratings: Int[np.ndarray, "rater item"], rates: bool) -> float:
    if len(ratings) < 2:
        return np.nan
    return float(weighted_kappa(ratings).value[0]) if rates else mean_kappa(ratings)


def _compared(ratings: Int[np.ndarray, "rater item"]) -> int:
    return int(((ratings != MISSING).sum(0) > 1).sum())


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
