"""Bradley–Terry strengths of methods from pairwise preferences."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from ecglens.eval.statistics import interval, resampled
from jaxtyping import Float
from scipy.sparse.csgraph import connected_components

# Iteration ends when no strength changes by more, or after this many steps.
SMALL, MOST_STEPS = 1e-10, 10_000
# Percentiles of replicates need less accuracy than the estimate.
STEPS_OF_REPLICATES = 500

Wins = Float[np.ndarray, "*replicate method method"]


class Strengths(NamedTuple):
    """Columns of `table`: method, value, low, high; `note` is "" if all strengths are finite."""

    table: pd.DataFrame
    note: str


def bradley_terry(wins: Wins, steps: int = MOST_STEPS) -> Float[np.ndarray, "*replicate method"]:
    """Maximum-likelihood strengths p, which sum to 1: P(i beats j) = p_i / (p_i + p_j).

    `wins[i, j]` counts how often i beat j. MM steps of Hunter 2004 (equation 3). If no finite
    maximum exists (see `connected`), some strengths approach 0.
    """
    total = wins + np.swapaxes(wins, -1, -2)
    won = wins.sum(-1)
    found = np.full(won.shape, 1 / won.shape[-1])
    for _ in range(steps):
        sums = found[..., :, None] + found[..., None, :]
        # Two methods whose strengths are both 0 give no information about each other.
        shares = np.divide(total, sums, out=np.zeros_like(total), where=sums > 0).sum(-1)
        moved = np.divide(won, shares, out=np.zeros_like(won), where=shares > 0)
        moved = moved / moved.sum(-1, keepdims=True)
        done = np.abs(moved - found).max() < SMALL
        found = moved
        if done:
            break
    return found


def connected(wins: Float[np.ndarray, "method method"]) -> bool:
    """Whether the maximum exists: each method beats each other, directly or through others."""
    return connected_components(wins > 0, connection="strong")[0] == 1


def strengths(votes: pd.DataFrame, methods: Sequence[str], seed: int = 0) -> Strengths:
    """Strengths from the pair ballots of one target and view, with 95 % intervals over ECGs."""
    ecgs = sorted({*votes["ecg"]})
    wins = np.zeros((len(ecgs), len(methods), len(methods)))
    for ecg, choice, other in zip(votes["ecg"], votes["choice"], votes["other"], strict=True):
        wins[ecgs.index(ecg), methods.index(choice), methods.index(other)] += 1
    table = pd.DataFrame({"method": methods, "value": bradley_terry(wins.sum(0))})
    table["low"] = table["high"] = np.nan
    if len(ecgs) > 1:
        drawn = np.tensordot(resampled(ecgs, seed), wins, 1)
        low, high = interval(bradley_terry(drawn, STEPS_OF_REPLICATES).T, len(ecgs))
        table["low"], table["high"] = low, high
    note = (
        ""
        if connected(wins.sum(0))
        else "some methods never lost or never won against the others, so that their strengths "
        "have no finite estimate; more pairs are needed"
    )
    order = table.sort_values("value", ascending=False, kind="stable", ignore_index=True)
    return Strengths(order, note)
