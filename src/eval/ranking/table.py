"""The table of a ranking: AUCs, what they differ by, and whom a method beats."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from ..protocol import Protocol
from ..statistics.comparison import LEVEL, Sampling, p_of_beating
from ..statistics.resampling import holm, superiority
from .order import positions, tiers


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
