"""Preference of the experts: vote tables, votes per ECG and method, Bradley–Terry strengths."""

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import NamedTuple

import numpy as np
import pandas as pd
from ecglens.datamodules import Target
from ecglens.eval import About, Finding, Measure
from ecglens.eval.statistics import best_and_tied, interval, p_of_the_best, resampled, sampling
from ecglens.report.text import fixed, percent
from jaxtyping import Bool, Float
from scipy.sparse.csgraph import connected_components

from .ballots import NONE, by_target_and_view

# Iteration ends when no strength changes by more, or after this many steps.
SMALL, MOST_STEPS = 1e-10, 10_000
# Percentiles of replicates need less accuracy than the estimate.
STEPS_OF_REPLICATES = 500
LEAST_ECGS = 2  # one ECG has no order of means

Wins = Float[np.ndarray, "*replicate method method"]
SOURCE = "Votes as in Storås 2025; the intervals over ECGs are ours"
# What experts saw in each view.
SHOWN = {"averaged": "the averaged beat", "full": "twelve leads"}
# Label and explanation of the vote measure of each task.
MEASURES = {
    "pick": ("Share of votes", "Share of decisions in which experts chose this map as the best."),
    "rate": ("Rating", "Mean of the experts’ ratings from 1 (worst) to 5 (best)."),
    "pair": ("Comparisons won", "Share of comparisons in which experts preferred this map."),
}

# What experts did with the method that they favour, in each task.
FAVOURED = {
    "pick": "chose {} most often",
    "rate": "rated {} highest",
    "pair": "preferred {} most often",
}


class Strengths(NamedTuple):
    """Columns of `table`: method, value, low, high; `note` is "" if all strengths are known."""

    table: pd.DataFrame
    note: str


def bradley_terry(wins: Wins, steps: int = MOST_STEPS) -> Float[np.ndarray, "*replicate method"]:
    """Maximum-likelihood strengths p, which sum to 1: P(i beats j) = p_i / (p_i + p_j).

    `wins[i, j]` counts how often i beat j. MM steps of Hunter 2004 (equation 3). If no finite
    maximum exists (see `connected`), some strengths approach 0. NaN for a method without
    comparisons.
    """
    total = wins + np.swapaxes(wins, -1, -2)
    won = wins.sum(-1)
    strengths = np.full(won.shape, 1 / won.shape[-1])
    for _ in range(steps):
        sums = strengths[..., :, None] + strengths[..., None, :]
        # Two methods whose strengths are both 0 give no information about each other.
        shares = np.divide(total, sums, out=np.zeros_like(total), where=sums > 0).sum(-1)
        moved = np.divide(won, shares, out=np.zeros_like(won), where=shares > 0)
        moved = moved / moved.sum(-1, keepdims=True)
        done = np.abs(moved - strengths).max() < SMALL
        strengths = moved
        if done:
            break
    return np.where(total.any(-1), strengths, np.nan)


def connected(wins: Float[np.ndarray, "method method"]) -> bool:
    """True if the maximum exists: each method beats each other, directly or through others."""
    return connected_components(wins > 0, connection="strong")[0] == 1


def strengths(votes: pd.DataFrame, methods: Sequence[str], seed: int = 0) -> Strengths:
    """Strengths from the pair ballots of one target and view, with 95 % intervals over ECGs.

    Replicates without a comparison of a method are left out of its interval, which counts the ECGs
    with one.
    """
    ecgs = sorted({*votes["ecg"]})
    wins = np.zeros((len(ecgs), len(methods), len(methods)))
    for ecg, choice, other in zip(votes["ecg"], votes["choice"], votes["other"], strict=True):
        wins[ecgs.index(ecg), methods.index(choice), methods.index(other)] += 1
    table = pd.DataFrame({"method": methods, "value": bradley_terry(wins.sum(0))})
    table["low"] = table["high"] = np.nan
    compared = (wins + np.swapaxes(wins, 1, 2)).any(-1).sum(0)  # ECGs of each method
    if len(ecgs) > 1:
        drawn = np.tensordot(resampled(ecgs, seed), wins, 1)
        replicates = bradley_terry(drawn, STEPS_OF_REPLICATES).T
        for place in np.flatnonzero(compared > 1):
            own = replicates[place, np.isfinite(replicates[place])]
            table.loc[place, ["low", "high"]] = interval(own, int(compared[place]))
    there = compared > 0
    reasons = []
    if never := ", ".join(compress(methods, ~there)):
        reasons.append(f"never compared, and so without a strength: {never}")
    if not connected(wins.sum(0)[np.ix_(there, there)]):
        reasons.append(
            "some methods never lost or never won against the others, so that their strengths "
            "have no finite estimate; more pairs are needed"
        )
    order = table.sort_values("value", ascending=False, kind="stable", ignore_index=True)
    return Strengths(order, "; ".join(reasons))


def vote_table(votes: pd.DataFrame, methods: Sequence[str]) -> pd.DataFrame:
    """Number of votes per method (row; NONE if chosen) and per view and target (column).

    With task pick this is Table 2 of Storås 2025; with pair it counts comparisons won, with rate
    the ratings.
    """
    names = [*methods, *([NONE] if (votes["choice"] == NONE).any() else [])]
    counts = {
        (view, target): part["choice"].value_counts().reindex(names, fill_value=0)
        for (target, view), part in by_target_and_view(votes)
    }
    return _table(counts, names)


def counts_table(counts: pd.DataFrame) -> pd.DataFrame:
    """Vote table of published sums, as `vote_table`."""
    names = [*dict.fromkeys(counts["method"])]
    by_column = {
        (view, target): pd.Series(part["votes"].to_numpy(int), part["method"]).reindex(
            names, fill_value=0
        )
        for (target, view), part in by_target_and_view(counts)
    }
    return _table(by_column, names)


def _table(columns: Mapping[tuple[str, str], pd.Series], names: Sequence[str]) -> pd.DataFrame:
    """Table with two column levels: all targets of a view are adjacent."""
    views = [*dict.fromkeys(view for view, _ in columns)]
    order = sorted(columns, key=lambda column: views.index(column[0]))
    table = pd.DataFrame({column: columns[column] for column in order}, index=pd.Index(names))
    return table.astype(int).rename_axis("method").rename_axis(["view", "target"], axis=1)


def votes_finding(
    votes: pd.DataFrame, methods: Sequence[str], shown: int, seed: int = 0
) -> Finding:
    """Votes of one target and view as an evaluation: mean vote per method and ECG.

    Table and sentence are of the ECGs with votes on every method: means over different ECGs are
    not comparable. With fewer than LEAST_ECGS of them the table is of all, and nothing is ranked.
    Strengths are of all votes. Votes measure plausibility and are never averaged with faithfulness.
    """
    task, view = votes["task"].iloc[0], votes["view"].iloc[0]
    every = sorted({*votes["ecg"]})
    means = {name: _per_ecg(votes, name, every) for name in methods}
    used = np.asarray(np.isfinite([*means.values()]).all(0))
    if used.sum() < LEAST_ECGS:
        used = np.ones_like(used)
    records = [*compress(every, used)]
    kept = votes.loc[votes["ecg"].isin(records)]
    numbers = {name: each[None, used] for name, each in means.items()}
    decided = f"{len(kept)} decisions"
    if len(records) < len(every):
        decided += f" on the {len(records)} of {len(every)} ECGs with votes on every method"
    label, explained = MEASURES[task]
    chance = {"pick": 1 / shown, "pair": 0.5}.get(task)
    measure = Measure("votes", label, "", True, "plausibility", SOURCE, explained, chance)
    details, notes = {}, ()
    if task == "pair":
        found = strengths(votes, methods, seed)
        details["bradley_terry"] = found.table
        notes = (f"Bradley–Terry: {found.note}.",) if found.note else ()
    target = str(votes["target"].iloc[0])
    about = About(
        evaluation=f"votes_{view}",
        question=f"Which maps on {SHOWN.get(view, view)} do experts prefer?",
        source=SOURCE,
        target=Target(target, "", target),
        input="",
        networks=(),
        records=tuple(records),
        patients=tuple(records),
        seed=seed,
    )
    return Finding(
        about,
        measures=(measure,),
        scores={"votes": {name: each[:, None] for name, each in numbers.items()}},
        sentence=_sentence(numbers, task, decided, records, seed) + _none_sentence(kept),
        notes=notes,
        details=details,
    )


def task_of(votes: Finding) -> str:
    """What experts were asked, of `votes_finding`."""
    (measure,) = votes.measures
    return next(task for task, (label, _) in MEASURES.items() if label == measure.label)


def _per_ecg(votes: pd.DataFrame, method: str, records: Sequence[str]) -> Float[np.ndarray, " ecg"]:
    """Mean over the decisions on each ECG in which the method could win; NaN if there are none."""
    task = votes["task"].iloc[0]
    there = votes
    if task == "rate":
        there = votes.loc[votes["choice"] == method]
    elif task == "pair":
        there = votes.loc[(votes["choice"] == method) | (votes["other"] == method)]
    won = there["rating"] if task == "rate" else there["choice"] == method
    means = there.assign(won=won.astype(float)).groupby("ecg")["won"].mean()
    return means.reindex([*records]).to_numpy(float)


def _none_sentence(votes: pd.DataFrame) -> str:
    """Share of "none is useful", which the leading method does not show; "" if it is 0."""
    share = float((votes["choice"] == NONE).mean())
    return f" In {percent(share)} of the decisions no map was useful." if share else ""


def _sentence(
    numbers: dict[str, Float[np.ndarray, "1 ecg"]],
    task: str,
    decided: str,
    records: Sequence[str],
    seed: int,
) -> str:
    """Leading method, and the methods that do not differ from it significantly."""
    values = np.stack([*numbers.values()])
    there: Bool[np.ndarray, " ecg"] = np.asarray(np.isfinite(values).all((0, 1)))
    names, kept = [*numbers], values[:, :, there]
    if task == "pick" and not kept.any():
        return f"In {decided}, experts chose no map."
    used = [record for record, keep in zip(records, there, strict=True) if keep]
    if len(used) < LEAST_ECGS:
        return f"{decided} on {len(used)} ECGs with all methods: too few for a ranking."
    drawn = sampling(1, len(names), used, seed)
    p_best = p_of_the_best(kept, np.ones(len(names), bool), drawn)
    best, tied = best_and_tied(names, kept, p_best)
    value = float(kept[names.index(str(best))].mean())
    share = {
        "pick": percent(value),
        "rate": f"mean {fixed(value, 2)} of 5",
        "pair": f"{percent(value)} of its comparisons",
    }[task]
    led = f"{FAVOURED[task].format(best)} ({share})"
    also = f"; not distinguishable from it: {', '.join(tied)}" if tied else ""
    return f"In {decided}, experts {led}{also}."
