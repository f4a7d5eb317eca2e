"""Agreement between and within experts, with 95 % intervals over ECGs."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from ecglens.eval.statistics import interval, resampled
from jaxtyping import Int

from ...ballots import MEAN, RATINGS
from .coefficients import (
    MISSING,
    Coefficient,
    Weights,
    cohen_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
    weighted_kappa,
)
from .interpretation import strength

COEFFICIENTS = {
    "kappa": "Cohen’s κ",
    "weighted": "weighted κ",
    "ac1": "Gwet’s AC1",
    "alpha": "Krippendorff’s α",
    "agreement": "equal answers",
}
TOTAL = "all targets"
BETWEEN, WITHIN = "between experts", "within an expert"
COLUMNS = (
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


def agreement_table(votes: pd.DataFrame, possible: int, seed: int = 0) -> pd.DataFrame:
    """One row per view, target (and TOTAL), kind, expert and coefficient, with COLUMNS.

    `votes` is a table made by `frame_of` without catch items, `possible` the number of possible
    answers. Experts are compared with each other on each showing of an item; the two showings of
    one expert are compared for each expert and as their MEAN. TOTAL pools the decisions of all
    targets. `low` and `high` are the 95 % interval over ECGs, resampled with all their decisions;
    NaN for one ECG. Ratings have κ with quadratic weights, too. `categories` counts the answers
    that were given. Rows without two answers to compare are left out.
    """
    rows = []
    for view, of_view in votes.groupby("view", sort=False):
        parts = {str(target): part for target, part in of_view.groupby("target", sort=False)}
        if len(parts) > 1:
            parts[TOTAL] = of_view
        for target, part in parts.items():
            rows += [{"view": view, "target": target} | row for row in _rows(part, possible, seed)]
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def _rows(votes: pd.DataFrame, possible: int, seed: int) -> Iterator[dict[str, Any]]:
    comparisons = []
    if len({*votes["expert"]}) > 1:
        comparisons.append((BETWEEN, "", [_block(votes, "showing", "expert")]))
    twice = {
        str(expert): _block(own, "expert", "showing")
        for expert, own in votes.groupby("expert")
        if {*own["showing"]} == {1, 2}
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
    return Block(ratings, tuple(item[0] for _, item, _ in place))


def _rated(votes: pd.DataFrame) -> bool:
    """Whether the answers are ratings, which have distances."""
    return {*votes["task"]} == {"rate"}


def estimate(name: str, blocks: Sequence[Block], possible: int, seed: int = 0) -> AgreementEstimate:
    """Mean of a coefficient over blocks; all blocks share the bootstrap draws of ECGs.

    The percentile interval is widened for few ECGs (eval.statistics.resampling).
    """
    points = [_coefficient(name, block.ratings, possible) for block in blocks]
    value = float(np.mean([point.value[0] for point in points]))
    one_category = any(bool(point.one_category[0]) for point in points)
    names = sorted({ecg for block in blocks for ecg in block.ecgs})
    if len(names) < 2 or np.isnan(value):
        return AgreementEstimate(value, np.nan, np.nan, one_category)
    number = {ecg: place for place, ecg in enumerate(names)}
    times = len(names) * resampled(names, seed)
    drawn = [
        _coefficient(name, ratings, possible, times[:, [number[ecg] for ecg in ecgs]]).value
        for ratings, ecgs in blocks
    ]
    mean = np.mean(drawn, axis=0)
    low, high = interval(mean[None, np.isfinite(mean)], len(names))
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
