"""Whether maps agree with what a network was measured to react to; it decides no use.

The rule (docs/effects.md, "A witness in the answer") was written before any statement was made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..finding import Finding
from ..statistics import LEVEL

Says = Literal["agrees", "disagrees", "not shown", "not measured"]
# The most serious first, where several networks were measured.
ORDER: tuple[Says, ...] = ("disagrees", "not shown", "agrees")
# Table of a finding, a row for each measure and method, and its measure that every map can agree
# with: signed contributions alone can agree with what a wave adds.
TABLE, MEASURE = "yardstick", "leads"


@dataclass(frozen=True)
class Witness:
    """Agreement of a method's maps with measured effects by wave and lead, mean ρ over ECGs.

    `above` is its difference from the best control, with its 95 % interval. "not measured" without
    a finding that has the table TABLE, such as that of `effects` (ecglens-metrics).
    """

    verdict: Says = "not measured"
    agreement: float = np.nan
    above: float = np.nan
    low: float = np.nan
    high: float = np.nan


NOT_MEASURED = Witness()
NO_ROWS = pd.DataFrame()


def witness(method: str, findings: Sequence[Finding]) -> Witness:
    """Statement on a method: the most serious of those on the networks that were measured."""
    found = [
        _of(row)
        for each in findings
        for row in each.details.get(TABLE, NO_ROWS).to_dict("records")
        if (row["measure"], row["method"]) == (MEASURE, method)
    ]
    return min(found, key=lambda each: ORDER.index(each.verdict), default=NOT_MEASURED)


def _of(row: Mapping[Any, Any]) -> Witness:
    verdict: Says = "not shown"
    other = row.get("other_effects_p", np.nan)  # none without weights, and in older runs
    if row["about"] != "nothing" and not other >= LEVEL:
        verdict = "agrees"
    elif row["controls_high"] < 0:
        verdict = "disagrees"
    ends = (float(row[f"controls_{end}"]) for end in ("difference", "low", "high"))
    return Witness(verdict, float(row["value"]), *ends)
