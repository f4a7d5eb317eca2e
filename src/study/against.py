"""Experts against an objective score: do they order the methods of a network alike?"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from ..eval import Panel, Result, rank
from ..eval.ranking.aucs import areas, errors
from ..eval.ranking.outcome import usable_patients
from ..eval.statistics.agreement import kendall
from ..eval.statistics.resampling import bootstrap_means, resampled
from ..report.text.numerals import fixed

LEAST_METHODS = 3  # two methods are ordered alike or not, which is no correlation


class Against(NamedTuple):
    """Votes and AUCs of the methods that both judged, and Kendall's τ-b with its 95 % interval.

    Columns of `table`: method; votes with votes_low and votes_high; auc with auc_low, auc_high.
    """

    target: str
    view: str
    table: pd.DataFrame
    tau: float
    low: float
    high: float
    sentence: str


def against(votes: Panel, result: Result, view: str, seed: int = 0) -> Against:
    """The votes of one target and view beside the AUCs of the network that drew the maps.

    ECGs of the votes and patients of the AUCs are drawn anew, each on their own. τ is NaN where all
    votes are equal. Raises ValueError for fewer than LEAST_METHODS in common.
    """
    drawn = [name for name in votes.methods if name in result.scores.methods]
    numbers = votes.scores["votes"]
    names = [name for name in drawn if np.isfinite(numbers[name]).any()]
    _enough(names, result)
    values = np.stack([numbers[name][0] for name in names])
    values = values[:, np.isfinite(values).all(0)]
    kept = [
        record
        for place, record in enumerate(votes.records)
        if all(np.isfinite(numbers[name][0, place]) for name in names)
    ]
    aucs = _aucs(result, names)
    replicates = kendall(
        bootstrap_means(values, resampled(kept, seed)).T,
        bootstrap_means(aucs, resampled(usable_patients(result.scores), seed + 1)).T,
    )
    low, high = _percentiles(replicates)
    tau = float(kendall(values.mean(1), aucs.mean(1)))
    table = _votes_of(votes, names).join(_aucs_of(result), on="method")
    return Against(
        result.target.name, view, table, tau, low, high, _sentence(table, tau, low, high)
    )


def counts_against(counts: pd.DataFrame, result: Result, view: str, seed: int = 0) -> Against:
    """The same of published sums of one column: without ECGs the votes have no interval.

    That of τ then speaks of other patients of the AUCs alone.
    """
    names = [name for name in counts["method"] if name in result.scores.methods]
    _enough(names, result)
    number = counts.set_index("method")["votes"]
    shares = (number / number.sum())[names].to_numpy(float)
    aucs = _aucs(result, names)
    weights = resampled(usable_patients(result.scores), seed + 1)
    drawn = bootstrap_means(aucs, weights).T
    low, high = _percentiles(kendall(np.broadcast_to(shares, drawn.shape), drawn))
    tau = float(kendall(shares, aucs.mean(1)))
    table = pd.DataFrame({"method": names, "votes": shares}).assign(
        votes_low=np.nan, votes_high=np.nan
    )
    table = table.join(_aucs_of(result), on="method")
    return Against(
        result.target.name, view, table, tau, low, high, _sentence(table, tau, low, high)
    )


def _enough(names: Sequence[str], result: Result) -> None:
    if len(names) < LEAST_METHODS:
        raise ValueError(
            f"expected at least {LEAST_METHODS} methods in both the votes and the result on "
            f"{result.target.name}, got {', '.join(names) or 'none'}; the result has "
            f"{', '.join(result.scores.methods) or 'none'}"
        )


def _aucs(result: Result, names: Sequence[str]) -> Float[np.ndarray, "method ecg"]:
    """Means over draws, of the usable ECGs."""
    found = areas(errors([result.scores]), result.scores.protocol.until)[:, 0]
    return found[[result.scores.methods.index(name) for name in names]]


def _votes_of(votes: Panel, names: Sequence[str]) -> pd.DataFrame:
    rows = votes.table.set_index("method").loc[[*names]].reset_index()
    ends = {"value": "votes", "low": "votes_low", "high": "votes_high"}
    return rows.rename(columns=ends).filter(["method", *ends.values()])


def _aucs_of(result: Result) -> pd.DataFrame:
    rows = (
        rank(result)
        .table.set_index("method")
        .rename(columns={"low": "auc_low", "high": "auc_high"})
    )
    return rows.filter(["auc", "auc_low", "auc_high"])


def _percentiles(drawn: Float[np.ndarray, " replicate"]) -> tuple[float, float]:
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return np.nan, np.nan
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def _sentence(table: pd.DataFrame, tau: float, low: float, high: float) -> str:
    """What the correlation says, and what the experts' favourite gets from the score."""
    best, place = table["votes"].idxmax(), table["auc"].rank(ascending=False, method="min")
    favourite = (
        f"The experts’ favourite, {table['method'][best]}, is number {place[best]:.0f} of "
        f"{len(table)} by the score"
    )
    if np.isnan(tau):
        return f"All methods got the same votes: there is no order to compare. {favourite}."
    if low > 0:
        found = "Experts and the score order the methods alike more often than not"
    elif high < 0:
        found = "Experts and the score order the methods the other way round more often than not"
    else:
        found = "It cannot be told whether experts and the score order the methods alike"
    printed = f"τ {fixed(tau, 2)}, 95 % interval {fixed(low, 2)} to {fixed(high, 2)}"
    return f"{found} (Kendall’s {printed}). {favourite}."
