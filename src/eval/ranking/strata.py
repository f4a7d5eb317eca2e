"""Differences of a method's score between kinds of ECG, by label and by side of the prediction.

Perturbation scores differ between classes (Baer et al. 2025). docs/statistics.md has the rule.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from ..curves import Curves
from ..statistics.comparison import LEVEL, sampling
from ..statistics.resampling import holm
from .outcome import Ranked, areas, errors, side_by_side, usable, usable_patients

# Fewer patients do not show the spread within a stratum.
LEAST_PATIENTS = 8
# A gap matters where the weaker stratum has less than this share of the stronger one's difference.
WEAK = 0.5
STRATA_COLUMNS = (
    "method", "split", "one", "other", "one_difference", "other_difference",
    "gap", "gap_low", "gap_high", "p", "matters",
)  # fmt: skip


class TwoStrata(NamedTuple):
    """Two strata of the usable ECGs; an ECG may be in neither. Names are in words."""

    name: str
    one: str
    other: str
    in_one: Bool[np.ndarray, "network ecg"]
    in_other: Bool[np.ndarray, "network ecg"]


def strata(ranked: Ranked) -> pd.DataFrame:
    """A row per method and split with STRATA_COLUMNS; none for a split with too few patients.

    `one_difference` and `other_difference` are mean differences from random in both strata, `gap`
    the first minus the second with its 95 % interval and its p, Holm-corrected over all rows.
    `matters` says whether p is below 0.05, the stronger stratum lies above random and the weaker
    one has less than half of its difference. Raises ValueError as `rank` does.
    """
    each = side_by_side(ranked)
    scores, patients = each[0], usable_patients(each[0])
    drawn = sampling(len(each), max(1, len(scores.methods)), patients, scores.seed)
    aucs = areas(errors(each), scores.protocol.until)
    random = aucs[len(scores.methods) + scores.controls.index("random")]
    rows, parts = [], []
    for name, auc in zip(scores.methods, aucs, strict=False):
        for split in (_by_label(each), _by_side(each, name)):
            if _few(split, patients):
                continue
            one, other, values = gap_values(auc - random, split)
            parts.append(values)
            rows.append([name, split.name, split.one, split.other, one, other, one - other])
    if not rows:
        return pd.DataFrame(columns=pd.Index(STRATA_COLUMNS))
    low, high = drawn.interval(np.stack(parts))
    p = holm(drawn.p(np.stack(parts)))
    table = pd.DataFrame(rows, columns=pd.Index(STRATA_COLUMNS[:7]))
    table[["gap_low", "gap_high", "p"]] = np.stack([low, high, p], axis=1)
    ends = np.sort(table[["one_difference", "other_difference"]].to_numpy(), axis=1)
    above = ends[:, 1] > 0
    table["matters"] = (p < LEVEL) & above & (ends[:, 0] < WEAK * ends[:, 1])
    return table


def gap_values(
    differences: Float[np.ndarray, "network ecg"], split: TwoStrata
) -> tuple[float, float, Float[np.ndarray, "network ecg"]]:
    """Means of both strata (over networks), and values of ECGs whose mean is their gap.

    The values are the linearisation of the difference of two ratios (Cochran 1977, section 6.3):
    0 apart from the gap for an ECG of neither stratum.
    """
    means, apart = [], np.zeros_like(differences)
    for sign, inside in ((1, split.in_one), (-1, split.in_other)):
        share = inside.mean(1, keepdims=True)
        mean = (differences * inside).mean(1, keepdims=True) / share
        apart = apart + sign * inside * (differences - mean) / share
        means.append(mean)
    one, other = (float(mean.mean()) for mean in means)
    return one, other, apart + (means[0] - means[1])


def _by_label(each: Sequence[Curves]) -> TwoStrata:
    """Class 1 and 0, or labels above the median and the others; unknown ones in neither."""
    y = each[0].y[usable(each[0])]
    known = np.isfinite(y)
    if {*y[known]} <= {0.0, 1.0}:
        inside, names = y == 1, ("class is 1", "class is 0")
    else:
        middle = np.median(y[known]) if known.any() else np.nan
        inside, names = y > middle, ("label is above its median", "label is not above its median")
    shape = (len(each), len(y))
    return TwoStrata(
        "label",
        *names,
        np.broadcast_to(known & inside, shape),
        np.broadcast_to(known & ~inside, shape),
    )


def _by_side(each: Sequence[Curves], method: str) -> TwoStrata:
    """Side of a logit, or the direction in which the prediction moves along the method's curve."""
    until = each[0].protocol.until
    curves = np.stack([scores.predictions[method][:, usable(scores)].mean(0) for scores in each])
    clean, moved = curves[..., 0], curves[..., 1 : until + 1].mean(-1)
    y = each[0].y[np.isfinite(each[0].y)]
    if each[0].protocol.outcome == "logit" or (len(y) and {*y} <= {0.0, 1.0}):
        return TwoStrata(
            "prediction", "logit is above 0", "logit is not above 0", clean > 0, clean <= 0
        )
    up, down = moved > clean, moved < clean
    return TwoStrata("prediction", "prediction goes up", "prediction goes down", up, down)


def _few(split: TwoStrata, patients: Sequence[str]) -> bool:
    names = np.asarray(patients)
    return any(
        len({*names[network]}) < LEAST_PATIENTS
        for inside in (split.in_one, split.in_other)
        for network in inside
    )
