"""Measures: one number per ECG and method, their tables and their sentences."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from ..explain import controls
from .statistics.comparison import Sampling, beats, sampling

# Faithfulness: what the network uses. Plausibility: where a cardiologist looks. Never averaged.
About = Literal["faithfulness", "plausibility", "robustness", "description"]


@dataclass(frozen=True)
class Measure:
    """One number per ECG and method.

    `name` is that of its files and columns, `label` its printed name, `explained` one sentence for
    a reader who does not know it. `higher_is_better` is None where no value is better. `unit` is
    "" for a share or a coefficient. `chance` is what a random map gets, where it is known.
    Raises ValueError for a name that is no file name.
    """

    name: str
    label: str
    unit: str
    higher_is_better: bool | None
    about: About
    source: str
    explained: str
    chance: float | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9_]+", self.name):
            raise ValueError(
                f"expected a measure's name of a–z, 0–9 and _ alone, got {self.name!r}"
            )


def kind(name: str) -> str:
    """Kind of this name: "method" or "control"."""
    return "control" if name in controls() else "method"


# By measure and by method or control a number of each ECG.
PerEcg = Mapping[str, Mapping[str, Float[np.ndarray, " ecg"]]]


def by_measure(methods: Mapping[str, Mapping[str, Float[np.ndarray, " ecg"]]]) -> PerEcg:
    """Numbers by measure and method; every method has the same measures."""
    names = dict.fromkeys(name for each in methods.values() for name in each)
    return {name: {method: each[name] for method, each in methods.items()} for name in names}


def stacked(
    networks: Sequence[PerEcg],
) -> dict[str, dict[str, Float[np.ndarray, "network draw ecg"]]]:
    """The numbers of several networks, for the methods that are right on all of them."""
    found = {}
    for measure, methods in networks[0].items():
        common = [name for name in methods if all(name in each[measure] for each in networks)]
        found[measure] = {
            name: np.stack([each[measure][name] for each in networks])[:, None] for name in common
        }
    return found


# The columns that the table of every finding begins with.
FIRST_COLUMNS = ("measure", "method", "kind", "value", "low", "high")
MEASURE_COLUMNS = (
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
    """A row per measure and method or control, with MEASURE_COLUMNS.

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
        # Means over noise draws, which are never resampled.
        for row in _rows(each, {k: v.mean(1) for k, v in scores[each.name].items()}, patients, seed)
    ]
    table = pd.DataFrame(rows, columns=pd.Index(MEASURE_COLUMNS))
    table["beats_controls"] = table["beats_controls"].astype("boolean")
    return table


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
    rows = {name: _empty(measure, name, int(kept.sum())) for name in numbers}
    if not kept.any():
        return [*rows.values()]
    used = [patient for patient, keep in zip(patients, kept, strict=True) if keep]
    values, known = every[enough][:, :, kept], np.array([*numbers])[enough]
    for name, mean in zip(known, values.mean((1, 2)), strict=True):
        rows[name]["value"] = float(mean)
    if len({*used}) > 1:
        drawn = sampling(values.shape[1], len(known), used, seed)
        # Numbers that are never negative, as shares and errors, have no negative mean.
        least = 0.0 if (values >= 0).all() else -np.inf
        ends = (end.clip(least) for end in drawn.interval(values))
        for name, low, high in zip(known, *ends, strict=True):
            rows[name] |= {"low": float(low), "high": float(high)}
        if {*controls()} & {*numbers} <= {*known}:  # else not every control was compared
            for name, compared in _compared(measure, known, values, drawn).items():
                rows[name] |= compared
    return [*rows.values()]


def _compared(
    measure: Measure,
    names: np.ndarray,
    values: Float[np.ndarray, "method network ecg"],
    drawn: Sampling,
) -> dict[str, dict[str, Any]]:
    """Comparison of each method with the best control, in pairs on the same ECGs."""
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
    """A row without numbers and without a comparison."""
    nothing = dict.fromkeys(MEASURE_COLUMNS, np.nan) | {"control": None, "beats_controls": None}
    named = {"measure": measure.name, "method": name, "kind": kind(name), "ecgs": ecgs}
    return nothing | named


# More names than these are counted: the table has them all.
NAMED = 3


def who_beats_the_controls(measures: Sequence[Measure], table: pd.DataFrame) -> str:
    """Sentence on the methods better than every control, by all measures and by at least one.

    Measures that order no methods describe. `table` is that of a Finding; the names in it are the
    methods' own.
    """
    ordering = [each for each in measures if each.higher_is_better is not None]
    if not ordering:
        return "The measures describe maps: no value is better than another."
    beats = beats_by_measure(ordering, table)
    decided = [each.label for each in ordering if each.name in beats]
    if not decided:
        return "It cannot be said which methods are better than every control."
    left = len(ordering) - len(decided)
    open_ = f"; by {left} other{'s' if left > 1 else ''} it cannot be said" if left else ""
    by_all, by_some = ([*beats.index[rows]] for rows in (beats.all(axis=1), beats.any(axis=1)))
    if not by_some:
        return f"No method is better than every control by {_of(decided, 'any', 'or')}{open_}."
    by = _of(decided, "all", "and")
    if not by_all:
        some = _who(by_some, len(beats))
        return f"No method is better than every control by {by}; {some} by at least one{open_}."
    be = "is" if len(by_all) == 1 else "are"
    more = f"; {_who(by_some, len(beats))} by at least one" if len(by_some) > len(by_all) else ""
    return f"{_who(by_all, len(beats))} {be} better than every control by {by}{more}{open_}."


def beats_by_measure(measures: Sequence[Measure], table: pd.DataFrame) -> pd.DataFrame:
    """True where a method is better than every control, by method and measure.

    Only methods and measures that can be compared; a method without a number is not better.
    """
    names = [each.name for each in measures if each.higher_is_better is not None]
    rows = table.loc[table["measure"].isin(names)].dropna(subset=["beats_controls"])
    found = rows.pivot(index="method", columns="measure", values="beats_controls")
    return found.reindex(rows["method"].unique()).fillna(False).astype(bool)


def _of(labels: Sequence[str], whole: str, joined: str) -> str:
    """Up to two measures by their labels, more of them counted."""
    return f" {joined} ".join(labels) if len(labels) < 3 else f"{whole} {len(labels)} measures"


def _who(methods: Sequence[str], compared: int) -> str:
    if len(methods) > NAMED:
        return f"{len(methods)} of {compared} methods"
    *first, last = methods
    return f"{', '.join(first)} and {last}" if first else last
