"""Numbers per ECG to means with intervals, and whom a method beats."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from ...explain import controls
from ..statistics.comparison import Sampling, beats, sampling
from .measure import Measure

# The columns that the table of every finding begins with.
FIRST_COLUMNS = ("measure", "method", "kind", "value", "low", "high")
COLUMNS = (
    *FIRST_COLUMNS, "ecgs",
    "control", "difference", "difference_low", "difference_high", "beats_controls",
)  # fmt: skip
# A method with numbers for fewer of the ECGs would leave too few for all to be compared on.
PRESENT = 0.5


def table_of(
    measures: Sequence[Measure],
    scores: Mapping[str, Mapping[str, Float[np.ndarray, "network draw ecg"]]],
    patients: Sequence[str],
    seed: int,
) -> pd.DataFrame:
    """A row per measure and method or control, with COLUMNS.

    `value` is the mean over networks and over the `ecgs` that every method has a number of, which
    are the same for all; a method that has one for less than half of those that any has stays
    empty. `low` and `high` are its 95 % interval over patients, and over networks where there are
    several. `control` is the best control, `difference` what lies between, positive where the
    method's number is larger; `beats_controls` says whether it is better than every control,
    corrected over the methods (Holm), empty where no value is better.
    """
    rows = [
        row
        for each in measures
        for row in _rows(each, _over_draws(scores[each.name]), patients, seed)
    ]
    table = pd.DataFrame(rows, columns=pd.Index(COLUMNS))
    table["beats_controls"] = table["beats_controls"].astype("boolean")
    return table


def _over_draws(
    numbers: Mapping[str, Float[np.ndarray, "network draw ecg"]],
) -> dict[str, Float[np.ndarray, "network ecg"]]:
    """Means over noise draws, which are never resampled."""
    return {name: values.mean(1) for name, values in numbers.items()}


def _rows(
    measure: Measure,
    numbers: Mapping[str, Float[np.ndarray, "network ecg"]],
    patients: Sequence[str],
    seed: int,
) -> list[dict[str, Any]]:
    every = np.stack([*numbers.values()])
    there: Bool[np.ndarray, "method ecg"] = np.asarray(np.isfinite(every).all(1))
    enough = np.asarray(there.sum(1) >= PRESENT * max(1, int(there.any(0).sum())))
    kept = np.asarray(there[enough].all(0)) & enough.any()
    names = np.array([*numbers])
    rows = [_empty(measure, name, int(kept.sum())) for name in names]
    if not kept.any():
        return rows
    used = [patient for patient, keep in zip(patients, kept, strict=True) if keep]
    values, known = every[enough][:, :, kept], names[enough]
    places = np.flatnonzero(enough)
    for place, mean in zip(places, values.mean((1, 2)), strict=True):
        rows[place]["value"] = float(mean)
    if len({*used}) > 1:
        drawn = sampling(values.shape[1], len(known), used, seed)
        # Numbers that are never negative, as shares and errors, have no negative mean.
        least = 0.0 if (values >= 0).all() else -np.inf
        ends = (end.clip(least) for end in drawn.interval(values))
        for place, low, high in zip(places, *ends, strict=True):
            rows[place] |= {"low": float(low), "high": float(high)}
        for name, compared in _compared(measure, known, values, drawn).items():
            rows[[*numbers].index(name)] |= compared
    return rows


def _compared(
    measure: Measure,
    names: np.ndarray,
    values: Float[np.ndarray, "method network ecg"],
    drawn: Sampling,
) -> dict[str, dict[str, Any]]:
    """Each method against the best control, in pairs on the same ECGs."""
    is_control: Bool[np.ndarray, " method"] = np.isin(names, controls())
    if measure.higher_is_better is None or not is_control.any() or is_control.all():
        return {}
    better = 1.0 if measure.higher_is_better else -1.0
    means = better * values.mean((1, 2))
    best = np.flatnonzero(is_control)[means[is_control].argmax()]
    methods = np.flatnonzero(~is_control)
    low, high = drawn.interval(values[methods] - values[best])
    wins = beats(better * values[methods], better * values[is_control], drawn)
    return {
        str(names[method]): {
            "control": str(names[best]),
            "difference": float((values[method] - values[best]).mean()),
            "difference_low": float(low[place]),
            "difference_high": float(high[place]),
            "beats_controls": bool(wins[place]),
        }
        for place, method in enumerate(methods)
    }


def _empty(measure: Measure, name: str, ecgs: int) -> dict[str, Any]:
    kind = "control" if name in controls() else "method"
    nothing = dict.fromkeys(("value", "low", "high"), np.nan)
    compared = {
        "control": None,
        **dict.fromkeys(("difference", "difference_low", "difference_high"), np.nan),
        "beats_controls": None,
    }
    named = {"measure": measure.name, "method": str(name), "kind": kind, "ecgs": ecgs}
    return named | nothing | compared
