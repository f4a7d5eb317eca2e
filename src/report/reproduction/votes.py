"""The printed votes of the experts beside areas: whether both choose the same methods."""

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from .printed import printed_auc, printed_kappa, printed_votes

Heatmaps = Literal["full", "averaged"]


def votes_table(areas: pd.DataFrame) -> pd.DataFrame:
    """First choice by votes and by area, and Spearman ρ of votes with areas, per target.

    `areas` are rows of tables.auc_table of one input. Over the methods that have votes.
    """
    rows = []
    for target, of_target in areas.groupby("target", sort=False):
        name = str(target)
        ours = of_target.set_index("method")["auc"].to_dict()
        for heatmaps in get_args(Heatmaps):
            votes = printed_votes(heatmaps).get(name)
            if votes is None:
                continue
            rows.append(
                {
                    "target": name,
                    "map": heatmaps,
                    "votes_first": _first(votes),
                    "printed_first": _first({m: printed_auc()[name][m] for m in votes}),
                    "own_first": _first({m: ours[m] for m in votes if m in ours}),
                    "rho_printed": _rho(votes, printed_auc()[name]),
                    "rho_own": _rho(votes, ours),
                    "kappa_printed": printed_kappa()[name][heatmaps],
                }
            )
    return pd.DataFrame(rows)


def _first(values: Mapping[str, float]) -> str:
    """The method of the largest value; of equal ones all."""
    best = max(values.values(), default=np.nan)
    return " ".join(name for name, value in values.items() if value == best)


def _rho(votes: Mapping[str, float], areas: Mapping[str, float]) -> float:
    """Spearman ρ over the methods that both have; NaN for fewer than 3, or equal values alone."""
    both = [name for name in votes if name in areas]
    one, other = (rankdata([each[name] for name in both]) for each in (votes, areas))
    if len(both) < 3 or not np.ptp(one) or not np.ptp(other):
        return np.nan
    return float(np.corrcoef(one, other)[0, 1])
