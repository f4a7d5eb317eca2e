"""Agreement while the study runs, which names no method."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Int

from ..agreement import cohen_kappa
from ..agreement.coefficients import MISSING
from ..ballot import Ballot
from ..preference import columns_of
from ..votes import frame_of


@dataclass(frozen=True)
class LiveKappa:
    """Cohen's κ of one target and view so far, as agreement_table has it; NaN before there is any.

    `between` experts each showing of an item is compared on its own, `within` is the mean over
    experts of the first showing against the second. `items` are showings that two experts or more
    judged, `repeats` items that an expert judged twice, over `experts` who voted here.
    """

    target: str
    view: str
    between: float
    within: float
    experts: int
    items: int
    repeats: int


def live(ballots: Sequence[Ballot]) -> list[LiveKappa]:
    """One per target and view in which somebody voted, in their first order; no catch items."""
    votes = frame_of([ballot for ballot in ballots if not ballot.catch])
    return [_of(target, view, part) for (target, view), part in columns_of(votes)]


def _of(target: str, view: str, votes: pd.DataFrame) -> LiveKappa:
    among = _ratings(votes, rater="expert", beside="showing")
    own = [
        _ratings(part, rater="showing", beside="expert")
        for _, part in votes.groupby("expert")
        if {*part["showing"]} == {1, 2}
    ]
    return LiveKappa(
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
    """Codes of the answers: a row per rater, a column per item and what is compared beside it."""
    codes = pd.factorize(votes["answer"])[0]
    table = votes.assign(code=codes).set_index([rater, beside, "item"])["code"].unstack(rater)
    return table.fillna(MISSING).to_numpy(int).T
