"""Scores of the suite: numbers of a method and the controls, and what they come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from ..finding import Finding

# Digits that are kept: more than any table shows, fewer than rounding of float32 reaches.
DIGITS = 4
# What ρ is between, where a part has no other measure.
LABELS = {
    "weights": "ρ with maps of redrawn networks",
    "consistency": "ρ of maps of retrained networks",
}


@dataclass(frozen=True)
class Score:
    """Numbers of a measure: `rows` by method or control, one for each of `over` (ECGs, kinds).

    `better` is "higher", "lower" or "" where no value is better; `value` with `low`–`high` is the
    method's mean over what every row has a number of; `beats` whether it is better than every
    control, None where that is not asked.
    """

    name: str
    part: str
    label: str
    better: str
    over: str
    value: float | None
    low: float | None
    high: float | None
    beats: bool | None
    rows: Mapping[str, Sequence[float | None]]

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**vars(self), "rows": {name: [*each] for name, each in self.rows.items()}}


def scores_of(finding: Finding, part: str, where: str, names: Sequence[str] = ()) -> list[Score]:
    """The scores of a finding on one method, by measure; `names` chooses among the measures."""
    found = []
    for measure in finding.measures:
        if names and measure.name not in names:
            continue
        by_method = finding.scores[measure.name]
        rows = {name: rounded(over_networks(each)) for name, each in by_method.items()}
        table = finding.table[finding.table["measure"] == measure.name].set_index("method")
        own = table[table["kind"] == "method"]
        if not len(own):
            continue
        row = own.iloc[0]
        better = {True: "higher", False: "lower", None: ""}[measure.higher_is_better]
        beats = row.get("beats_controls")
        found.append(
            Score(
                name=f"{part}/{where}/{measure.name}" if where else f"{part}/{measure.name}",
                part=part,
                label=_label(part, measure.label, where),
                better=better,
                over="ECGs",
                value=plain(row["value"]),
                low=plain(row["low"]),
                high=plain(row["high"]),
                beats=None if not better or pd.isna(beats) else bool(beats),
                rows=rows,
            )
        )
    return found


def _label(part: str, measure: str, where: str) -> str:
    label = LABELS.get(part, measure)
    return f"{label}, {where}" if where else label


def over_networks(
    values: Float[np.ndarray, "network draw ecg"],
) -> Float[np.ndarray, " ecg"]:
    """Mean over networks and draws, NaN where any of them has no number."""
    return values.mean((0, 1))


def rounded(values: Float[np.ndarray, " unit"]) -> list[float | None]:
    """The values to DIGITS digits, None for NaN."""
    return [plain(each) for each in values]


def plain(value: Any) -> float | None:
    """A number as JSON has it, to DIGITS digits; None for NaN."""
    number = float(value)
    return float(f"{number:.{DIGITS}g}") if np.isfinite(number) else None
