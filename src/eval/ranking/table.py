"""The table of a ranking: AUCs, what they differ by, and whom a method beats."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from ..statistics.comparison import Sampling, beats
from ..statistics.resampling import holm, superiority
from .order import positions, rank_classes


def table(
    methods: Sequence[str],
    controls: Sequence[str],
    aucs: Float[np.ndarray, "series network ecg"],
    drawn: Sampling,
) -> pd.DataFrame:
    """The columns of Ranking.table but `held` and `equivalent`, methods before controls."""
    count = len(methods)
    of_methods, of_controls = aucs[:count], aucs[count:]
    is_random = np.array([name == "random" for name in controls])
    random = of_controls[is_random]
    per_ecg = aucs.mean(1)
    mean, random_mean = per_ecg.mean(1), per_ecg[count:][is_random]
    rows = pd.DataFrame(
        {
            "method": [*methods, *controls],
            "kind": ["method"] * count + ["control"] * len(controls),
            "auc": mean,
        }
    )
    rows["low"], rows["high"] = drawn.interval(aucs)
    rows["difference"] = (per_ecg - random_mean).mean(1)
    rows["difference_low"], rows["difference_high"] = drawn.interval(aucs - random)
    rows["p"] = of_the_methods(holm(drawn.p(of_methods - random)), rows, np.nan, "float")
    for column, beaten in {
        "beats_random": random,
        "beats_data_controls": of_controls[~is_random],
        "beats_controls": of_controls,
    }.items():
        rows[column] = of_the_methods(beats(of_methods, beaten, drawn), rows, False, "bool")
    rows["position"] = of_the_methods(positions(mean[:count]), rows, pd.NA, "Int64")
    classes = rank_classes(mean[:count], random_mean.mean())
    rows["rank"] = of_the_methods(classes, rows, pd.NA, "Int64")
    above = superiority(per_ecg[:count], random_mean[0])
    rows["superiority"] = of_the_methods(above, rows, np.nan, "float")
    return rows


def of_the_methods(values: np.ndarray, rows: pd.DataFrame, empty: object, kind: str) -> pd.Series:
    """A column of the methods' values, which stand first; the controls' are empty."""
    return pd.Series([*values.tolist(), *[empty] * (len(rows) - len(values))], dtype=kind)
