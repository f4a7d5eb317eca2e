"""Which maps return a reading further than other patients' maps: shares, intervals, a sentence."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from ...protocol import AS_WELL, MOST_KEPT
from ...statistics import LEVEL, holm, sampling
from ...statistics.comparison import Sampling, p_above
from ...statistics.resampling import interval, resampled_means
from ...subject import Subject
from .typical import FILLS, NULLS

NO_TEMPLATE = "none"
Returned = Float[np.ndarray, "ecg series fill step"]


def _mean(returns: Returned) -> Float[np.ndarray, "ecg series fill"]:
    """Mean return over the steps after none."""
    return returns[..., 1:].astype(float).mean(-1)


def scores_of(returns: Returned) -> dict[str, Float[np.ndarray, " ecg"]]:
    """The return of each ECG by its own map, mean over both typical ECGs."""
    return {"returned": returns[:, 0, :, 1:].astype(float).mean((-1, -2))}


def of_each_ecg(
    key: str, methods: Mapping[str, Returned], subject: Subject
) -> Iterator[Mapping[str, object]]:
    """A row per method, typical ECG and ECG: what its own map and each null return."""
    series = ("returned", *(null.name for null in NULLS))
    for name in (each for each in methods if each in subject.methods):
        mean = _mean(methods[name])
        for fill, typical in enumerate(FILLS):
            for record, values in zip(subject.records, mean[..., fill], strict=True):
                row = {"network": key, "method": name, "typical": typical, "record": record}
                yield row | dict(zip(series, values.tolist(), strict=True))


def shown(
    methods: Mapping[str, Returned], away: Float[np.ndarray, "fill ecg"], subject: Subject
) -> pd.DataFrame:
    """A row per method or control and typical ECG: return, shares, nulls, and what is shown.

    An ECG alone on its side of a typical reading lacks a null and is in no number; `ecgs` are.
    Controls have no nulls. `p` is the largest of a method's, before correction.
    """
    held = [name for name in methods if name in subject.methods]
    mean = {name: _mean(each) for name, each in methods.items()}
    there = np.all([np.isfinite(each).all((1, 2)) for each in mean.values()], axis=0)
    patients = [patient for patient, used in zip(subject.patients, there, strict=True) if used]
    drawn = sampling(1, max(1, len(held)), patients, subject.seed)
    p = {name: largest_p(mean[name][there], drawn) for name in held}
    corrected = dict(zip(held, holm([*p.values()]), strict=True))
    alike = [template_p(mean[name][there], drawn) for name in held]
    least = holm([float(each.min()) for each in alike])
    templates = {
        name: NULLS[each.argmin()].name if smallest < LEVEL else NO_TEMPLATE
        for name, each, smallest in zip(held, alike, least, strict=True)
    }
    rows = []
    for name, each in mean.items():
        for fill, typical in enumerate(FILLS):
            own, *nulls = each[there, :, fill].T
            deviation = away[fill, there].sum()
            at = {f"share_{k}": methods[name][there, 0, fill, k].sum() / deviation for k in (5, 15)}
            row = {"method": name, "typical": typical, "ecgs": int(there.sum()),
                   "deviation": deviation / there.sum(), "returned": own.mean(),
                   **at}  # fmt: skip
            for null, returned in zip(
                NULLS, nulls or [np.full(len(own), np.nan)] * len(NULLS), strict=True
            ):
                row |= _ratio(null.name, returned, own, patients, subject.seed)
            judged = {"p": p.get(name, np.nan), "shown": corrected.get(name, 1.0) < LEVEL}
            rows.append(row | judged | {"template": templates.get(name, NO_TEMPLATE)})
    return pd.DataFrame(rows)


def largest_p(means: Float[np.ndarray, "ecg series fill"], drawn: Sampling) -> float:
    """Largest p of "a null returns MOST_KEPT of the own or more", over nulls and typical ECGs.

    The own map's series is the first. 1 where it returns nothing to a typical ECG: a null that
    moves the reading less far away would be below a share of it.
    """
    if (means[:, 0].mean(0) <= 0).any():
        return 1.0
    left = MOST_KEPT * means[:, :1] - means[:, 1:]
    return float(p_above(left.reshape(len(left), -1).T[:, None], drawn).max())


def template_p(
    means: Float[np.ndarray, "ecg series fill"], drawn: Sampling
) -> Float[np.ndarray, " null"]:
    """p of "a null returns AS_WELL of the own less, or more", times the number of nulls.

    The largest over both sides and both typical ECGs; the own map's series is the first.
    """
    own, nulls = means[:, :1], means[:, 1:]
    sides = np.stack([nulls - (1 - AS_WELL) * own, (1 + AS_WELL) * own - nulls])
    values = np.moveaxis(sides, (1, 2), (-1, 0)).reshape(-1, 1, len(means))
    p = p_above(values, drawn).reshape(nulls.shape[1], -1)
    return np.minimum(1.0, nulls.shape[1] * p.max(1))


def _ratio(
    name: str, null: np.ndarray, own: np.ndarray, patients: Sequence[str], seed: int
) -> dict[str, float]:
    """Null as a share of the own return; no interval where a replicate may return nothing."""
    share, low, high = np.nan, np.nan, np.nan
    if own.mean() > 0 and not np.isnan(null).any():
        share = null.mean() / own.mean()
        above, below = resampled_means(np.stack([null, own]), patients, seed)
        if (below > 0).all():
            (low,), (high,) = interval((above / below)[None], len({*patients}))
    return {name: share, f"{name}_low": float(low), f"{name}_high": float(high)}


def sentence(table: pd.DataFrame) -> str:
    """Methods whose own return is beyond those of other patients' maps, on every network."""
    missed = {*table.loc[~table["shown"].astype(bool), "method"]}
    if names := [name for name in dict.fromkeys(table["method"]) if name not in missed]:
        return f"Maps that return a reading further than other patients' maps: {', '.join(names)}."
    return "No map tested returns a reading significantly further than other patients' maps."
