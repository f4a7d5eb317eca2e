"""Order of methods: tiers, places at other cut-offs, and the table of a ranking."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from ..protocol import Protocol
from ..statistics.comparison import LEVEL, Sampling, p_of_beating
from ..statistics.resampling import holm, superiority


def positions(aucs: Float[np.ndarray, "*cutoff method"]) -> Int[np.ndarray, "*cutoff method"]:
    """1 for the highest AUC, 2 for the next, …; equal ones in the order they are given in."""
    return (-aucs).argsort(axis=-1, kind="stable").argsort(axis=-1, kind="stable") + 1


def tiers(aucs: Float[np.ndarray, " method"], random: float) -> Int[np.ndarray, " method"]:
    """Best (1), medium (2) or poor (3) by thirds of the range from random to the winner.

    The three tiers and the two ends are from Storås 2025; equal thirds, and 3 at or below
    random, are our own definition, since the article prints no cut-points.
    """
    length = aucs.max(initial=random) - random
    if length <= 0:
        return np.full(len(aucs), 3)
    way = (aucs - random) / length
    return 3 - (way > 1 / 3).astype(int) - (way > 2 / 3).astype(int)


def held(
    aucs: Float[np.ndarray, "cutoff method"], reference: Float[np.ndarray, " method"]
) -> tuple[Float[np.ndarray, " method"], float]:
    """Share of cut-offs at which each method holds its place, and the lowest Kendall τ of all.

    τ is 1 where the order is the reference's; one method alone has nothing to change places with.
    """
    place, places = positions(reference), positions(aucs)
    if len(reference) < 2:
        return np.ones(len(reference)), 1.0
    one, other = np.triu_indices(len(reference), 1)
    # Positions have no ties, so each pair of methods stands as in the reference (1) or not (−1).
    pairs = np.sign(places[:, one] - places[:, other]) * np.sign(place[one] - place[other])
    return (places == place).mean(0), float(pairs.mean(1).min())


def table(
    methods: Sequence[str],
    controls: Sequence[str],
    aucs: Float[np.ndarray, "series network ecg"],
    drawn: Sampling,
    limits: tuple[float, float],
) -> pd.DataFrame:
    """The columns of Ranking.table that need no other part of a Ranking, methods before controls.

    `limits` are what an AUC cannot leave; its interval is cut off there.
    """
    count = len(methods)
    of_methods, of_controls = aucs[:count], aucs[count:]
    is_random = np.array([name == "random" for name in controls])
    random = of_controls[is_random]
    per_ecg = aucs.mean(1)
    mean, random_mean = per_ecg.mean(1), per_ecg[count:][is_random]
    rows = pd.DataFrame(
        {
            "measure": "auc",
            "method": [*methods, *controls],
            "kind": ["method"] * count + ["control"] * len(controls),
            "value": mean,
        }
    )
    rows["low"], rows["high"] = (end.clip(*limits) for end in drawn.interval(aucs))
    rows["difference"] = (per_ecg - random_mean).mean(1)
    rows["difference_low"], rows["difference_high"] = drawn.interval(aucs - random)
    p = holm(drawn.p(of_methods - random))
    side = np.where(mean[:count] > random_mean.mean(), "above", "below")
    against = np.where(p < LEVEL, side, "not shown")
    rows["p"] = of_the_methods(p, rows, np.nan, "float")
    rows["against_random"] = of_the_methods(against, rows, "", "object")
    rows["beats_random"] = of_the_methods(against == "above", rows, False, "bool")
    data = p_of_beating(of_methods, of_controls[~is_random], drawn)
    rows["beats_data_controls"] = of_the_methods(data < LEVEL, rows, False, "bool")
    every = p_of_beating(of_methods, of_controls, drawn)
    rows["p_controls"] = of_the_methods(every, rows, np.nan, "float")
    rows["beats_controls"] = of_the_methods(every < LEVEL, rows, False, "bool")
    rows["position"] = of_the_methods(positions(mean[:count]), rows, pd.NA, "Int64")
    thirds = tiers(mean[:count], random_mean.mean())
    rows["tier"] = of_the_methods(thirds, rows, pd.NA, "Int64")
    above = superiority(per_ecg[:count], random_mean[0])
    rows["superiority"] = of_the_methods(above, rows, np.nan, "float")
    return rows


def limits(protocol: Protocol) -> tuple[float, float]:
    """Limits of an AUC by this protocol; infinite where its outcome may have either sign."""
    if protocol.outcome != "change":  # the relative error has the sign of the true value
        return -np.inf, np.inf
    return (0.0, np.inf) if protocol.order == "morf" else (-np.inf, 0.0)


def of_the_methods(values: np.ndarray, rows: pd.DataFrame, empty: object, kind: str) -> pd.Series:
    """A column of the methods' values, which stand first; the controls' are empty."""
    return pd.Series([*values.tolist(), *[empty] * (len(rows) - len(values))], dtype=kind)
