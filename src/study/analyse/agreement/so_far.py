"""Agreement while a study runs; it names no method."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Int

from ...ballots import Ballot, by_target_and_view, frame_of
from .coefficients import MISSING, cohen_kappa


@dataclass(frozen=True)
class KappaSoFar:
    """Cohen's κ of one target and view, as in `agreement_table`; NaN before the first comparison.

    `between` compares experts on each showing of an item, `within` is the mean over experts of κ
    between their two showings. `items` counts showings that at least two experts judged, `repeats`
    items that an expert judged twice, `experts` those who voted.
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
    votes = frame_of([ballot for ballot in ballots if not ballot.catch])
    return [_kappas(target, view, rows) for (target, view), rows in by_target_and_view(votes)]


def _kappas(target: str, view: str, votes: pd.DataFrame) -> KappaSoFar:
    among = _ratings(votes, rater="expert", beside="showing")
    own = [
        _ratings(rows, rater="showing", beside="expert")
        for _, rows in votes.groupby("expert")
        if {*rows["showing"]} == {1, 2}
    ]
    return KappaSoFar(
        target,
        view,
        between=_kappa(among),
        within=float(np.mean([_kappa(each) for each in own])) if own else np.nan,
        experts=len(among),
        items=_compared(among),
        repeats=sum(map(_compared, own)),
    )


def _kappa(ratings: Int[np.ndarray, "rater item"]) -> float:
    return float(cohen_kappa(ratings).value[0]) if len(ratings) > 1 else np.nan


def _compared(ratings: Int[np.ndarray, "rater item"]) -> int:
    return int(((ratings != MISSING).sum(0) > 1).sum())


def _ratings(votes: pd.DataFrame, rater: str, beside: str) -> Int[np.ndarray, "rater item"]:
    """Answer codes: one row per rater, one column per pair of `beside` and item."""
    codes = pd.factorize(votes["answer"])[0]
    table = votes.assign(code=codes).set_index([rater, beside, "item"])["code"].unstack(rater)
    return table.fillna(MISSING).to_numpy(int).T
