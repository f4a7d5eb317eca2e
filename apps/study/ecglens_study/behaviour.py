"""Rater behaviour (positions, time, learning, catch items), and the blinding index."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Int
from scipy import stats

from .ballots import EVERYONE
from .csv_files import UNKNOWN

# With fewer expected per position the statistic is not χ²-distributed (Cochran 1954).
LEAST_EXPECTED = 5
DRAWS = 20_000  # simulated studies in that case; they give a p of 0.05 to within 0.002


class PositionBias(NamedTuple):
    """χ² of the positions against equal use, and its p."""

    chi2: float
    p: float


def position_bias(counts: Int[np.ndarray, " position"], seed: int = 0) -> PositionBias:
    """Test whether some positions on the screen are chosen more often than others.

    Maps are shuffled for every decision, so without a bias all positions are equally likely,
    whatever the expert prefers. Pearson's χ²; with few decisions p is simulated from the
    multinomial. NaN without decisions and for a single position.
    """
    number = int(counts.sum())
    if number == 0 or len(counts) < 2:
        return PositionBias(np.nan, np.nan)
    expected = number / len(counts)
    chi2 = float(((counts - expected) ** 2).sum() / expected)
    if expected >= LEAST_EXPECTED:
        return PositionBias(chi2, float(stats.chi2.sf(chi2, len(counts) - 1)))
    share = np.full(len(counts), 1 / len(counts))
    drawn = np.random.default_rng(seed).multinomial(number, share, size=DRAWS)
    as_far = ((drawn - expected) ** 2).sum(1) / expected >= chi2 - 1e-9
    return PositionBias(chi2, float((as_far.sum() + 1) / (DRAWS + 1)))


def behaviour_table(ballots: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """One row per expert and one for all experts; catch items are counted separately.

    Columns: expert; decisions; seconds (median) with quarter and three_quarters (quartiles); early
    and late, the medians of the first and second half of an expert's decisions, with p (Mann &
    Whitney 1947, two-sided); position_chi2 and position_p; catch_items, catch_right, and accuracy
    with its exact 95 % interval (Clopper & Pearson 1934).
    """
    middle = ballots.groupby("expert")["order"].transform("median")
    ballots = ballots.assign(early=ballots["order"] <= middle)
    experts = {str(name): own for name, own in ballots.groupby("expert")}
    if len(experts) > 1:
        experts[EVERYONE] = ballots
    return pd.DataFrame(
        [{"expert": name} | dict(_of_one(own, seed)) for name, own in experts.items()]
    )


def position_counts(ballots: pd.DataFrame) -> Int[np.ndarray, " position"]:
    """Votes per position, among the decisions with the most frequent number of maps."""
    placed = ballots.loc[ballots["position"] > 0]
    if placed.empty:
        return np.zeros(0, int)
    shown = int(np.bincount(placed["shown"]).argmax())
    places = placed.loc[placed["shown"] == shown, "position"].to_numpy(int)
    return np.bincount(places - 1, minlength=shown)


def _of_one(ballots: pd.DataFrame, seed: int) -> Iterator[tuple[str, Any]]:
    catch = ballots["catch"] != ""
    votes = ballots.loc[~catch]
    yield "decisions", len(votes)
    timed = votes.loc[votes["seconds"].notna()]
    seconds, early = timed["seconds"].to_numpy(float), timed["early"].to_numpy(bool)
    for name, share in (("seconds", 0.5), ("quarter", 0.25), ("three_quarters", 0.75)):
        yield name, float(np.quantile(seconds, share)) if len(seconds) else np.nan
    halves = seconds[early], seconds[~early]
    both = min(map(len, halves)) > 0
    for name, half in zip(("early", "late"), halves, strict=True):
        yield name, float(np.median(half)) if len(half) else np.nan
    yield "p", float(stats.mannwhitneyu(*halves).pvalue) if both else np.nan
    bias = position_bias(position_counts(votes), seed)
    yield "position_chi2", bias.chi2
    yield "position_p", bias.p
    yield from _caught(ballots.loc[catch])


def _caught(ballots: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    number = len(ballots)
    right = int(ballots["right"].sum())
    yield "catch_items", number
    yield "catch_right", right
    share = low = high = np.nan
    if number:
        found = stats.binomtest(right, number).proportion_ci()
        share, low, high = right / number, float(found.low), float(found.high)
    yield from (("accuracy", share), ("accuracy_low", low), ("accuracy_high", high))


def blinding_table(guesses: pd.DataFrame, methods: int) -> pd.DataFrame:
    """One row per method: guesses, right, unknown (numbers) and the index.

    The index of Bang 2004 for an arm is (2r − 1) times the share of experts who guessed, r the
    share of right guesses among them: 0 for guesses by chance, 1 if everyone knows. With `methods`
    arms instead of two it is (m·r − 1)/(m − 1) times that share [ours]. NaN if nobody guessed.
    Raises ValueError for fewer than 2 methods.
    """
    if methods < 2:
        raise ValueError(f"expected at least 2 methods to guess from, got {methods}")
    rows = []
    for method, own in guesses.groupby("method", sort=False):
        unknown = int((own["guess"] == UNKNOWN).sum())
        right, known = int((own["guess"] == method).sum()), len(own) - unknown
        index = (methods * right / known - 1) / (methods - 1) if known else np.nan
        rows.append(
            {
                "method": method,
                "guesses": len(own),
                "right": right,
                "unknown": unknown,
                "index": index * known / len(own),
            }
        )
    return pd.DataFrame(rows, columns=pd.Index(["method", "guesses", "right", "unknown", "index"]))
