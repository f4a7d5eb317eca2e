"""Verdicts of the sanity gates, and the tables of ρ with its baselines."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from jaxtyping import Float

from ...measures import Measure, kind
from ...statistics.resampling import Estimate, Patients
from .baselines import BASELINES, Numbers
from .correlation import RESOLUTIONS

Verdict = Literal["passes", "fails", "cannot be said", "not judged"]
VERDICTS: tuple[Verdict, ...] = ("passes", "fails", "cannot be said", "not judged")


def both(one: Verdict, other: Verdict) -> Verdict:
    """Fails when either does, passes when both do; what was not judged does not count."""
    judged = {one, other} - {"not judged"}
    for verdict in ("fails", "cannot be said", "passes"):
        if verdict in judged:
            return verdict
    return "not judged"


RHO = Measure(
    name="rho",
    label="Spearman’s ρ",
    unit="",
    higher_is_better=None,
    about="robustness",
    source="Arends et al. 2026; baselines are our own definition",
    explained="Rank correlation of two heatmaps, to be read beside its baselines.",
)


def above_baseline(numbers: Numbers, patients: Patients, name: str = "value") -> Estimate:
    """Difference between ρ and the other-ECG baseline, on the same ECGs."""
    return patients.estimate(numbers[name] - numbers["other_ecg"])


def row(numbers: Numbers, patients: Patients) -> dict[str, float]:
    """ρ with its interval and the share of ECGs without one, its baselines, and how far above."""
    rho, above = patients.estimate(numbers["value"]), above_baseline(numbers, patients)
    baselines = {name: patients.estimate(numbers[name]).value for name in BASELINES}
    return {
        **rho._asdict(),
        **baselines,
        "difference": above.value,
        "difference_low": above.low,
        "difference_high": above.high,
    }


def frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A table of these rows."""
    return pd.DataFrame(list(rows))


def headline(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the resolution that is judged, without its columns."""
    first = (rows["scale"] == RESOLUTIONS[0].scale) & (rows["sign"] == RESOLUTIONS[0].sign)
    return rows.loc[first].drop(columns=["scale", "sign"]).reset_index(drop=True)


def of_methods(names: Iterable[str]) -> tuple[str, ...]:
    """The names that are no controls."""
    return tuple(name for name in names if kind(name) == "method")


def by_verdict(table: pd.DataFrame, words: Mapping[Verdict, str]) -> str:
    """The methods under what their verdict means, as "lost: saliency; kept: none"."""
    phrases = []
    for verdict in VERDICTS:
        rows = zip(table["method"], table["kind"], table["verdict"], strict=True)
        names = [name for name, kind, given in rows if (kind, given) == ("method", verdict)]
        if verdict in words and (names or verdict != "cannot be said"):
            phrases.append(f"{words[verdict]}: {', '.join(names) or 'none'}")
    return "; ".join(phrases)


def output_agreement(
    one: Float[np.ndarray, " ecg"], other: Float[np.ndarray, " ecg"]
) -> dict[str, float]:
    """Pearson's r of two networks' outputs, NaN where one is constant, and mean |difference|."""
    deviations = np.stack([one - one.mean(), other - other.mean()])
    length = np.linalg.norm(deviations, axis=1)
    r = deviations[0] @ deviations[1] / length.prod() if length.all() else np.nan
    return {"output_r": float(r), "output_difference": float(np.abs(one - other).mean())}


def mean_agreement(pairs: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The mean of what `output_agreement` gave for each of these."""
    each = list(pairs)
    return {name: float(np.mean([one[name] for one in each])) for name in each[0]}


def rho_table(table: pd.DataFrame, details: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The table of a finding with the name of the measure.

    Raises ValueError for a ρ without its baselines, in the table or in `details`, and for a verdict
    other than VERDICTS.
    """
    _check_columns("the table", table, (*BASELINES, "verdict"))
    for name, rows in details.items():
        if "value" in rows:
            _check_columns(name, rows, BASELINES)
    if unknown := set(table["verdict"]) - set(VERDICTS):
        raise ValueError(f"expected verdicts {', '.join(VERDICTS)}, got {unknown}")
    bare = table["value"].notna() & table["other_ecg"].isna()
    if bare.any():
        names = ", ".join(table["method"][bare])
        raise ValueError(f"expected the other-ECG baseline of every ρ, got none for {names}")
    named = table.copy()
    named.insert(0, "measure", RHO.name)
    return named


def _check_columns(of: str, rows: pd.DataFrame, wanted: Sequence[str]) -> None:
    if missing := [column for column in wanted if column not in rows]:
        raise ValueError(
            f"expected {of} to have {', '.join(missing)}: a correlation of heatmaps cannot "
            "be read without its baselines"
        )
