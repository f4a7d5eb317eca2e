"""Mean relevance of each method in ECGs with the class and without it, and by outcome."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from ....eval import Finding
from ..experiments import labelled, learned
from ..part import Part, Table
from .maps import kind_of_map
from .outcomes import OUTCOMES, classes_of, rows_of

ALL_LEADS = 12
HEADS = {
    "explained": "class", "r": "r with the class", "compared_with": "compared with",
    "r_there": "r there",
} | {f"sum_{name.lower()}": f"Σ R: {name}" for name in OUTCOMES}  # fmt: skip


def means_part(found: Sequence[Finding]) -> Part:
    """A row for each method, class and network; a sentence where no group was large enough."""
    rows = [row for each in found for name in classes_of(each) for row in _rows(each, name)]
    title = "Mean relevance by class and outcome"
    if not rows:
        return Part(title, (), (), ("No mean was kept: each group has too few patients.",))
    caption = (
        "r: mean relevance over leads and time, in ECGs with the class and in those that it is "
        "compared with. Σ R: sum over leads and time, mean over the ECGs of an outcome; for "
        "contributions in the unit of the output. A dash: too few patients for a mean."
    )
    table = pd.DataFrame(rows)
    shown = labelled(table).rename(columns=HEADS)
    return Part(title, (Table("means", caption, table, shown),))


def _rows(finding: Finding, explained: str) -> Iterator[dict[str, object]]:
    leads, outputs = (rows_of(finding, name, explained) for name in ("by_lead", "by_output"))
    every = [row["method"] for rows in (leads, outputs) for row in rows.to_dict("records")]
    for method in dict.fromkeys(every):
        groups = _by_group(leads, method)
        other = next((name for name in groups if name != explained), "")
        sums = _by_outcome(outputs, method)
        yield {
            "method": method,
            "explained": explained,
            **learned(finding),
            "map": kind_of_map(method),
            "r": groups.get(explained, np.nan),
            "compared_with": other,
            "r_there": groups.get(other, np.nan),
            **{f"sum_{name.lower()}": sums.get(name, np.nan) for name in OUTCOMES},
        }


def _by_group(leads: pd.DataFrame, method: str) -> dict[str, float]:
    """Mean over the leads, each of which has the same samples and ECGs."""
    if not len(leads):
        return {}
    rows = leads.loc[(leads["method"] == method) & (leads["leads"] == ALL_LEADS)]
    return rows.groupby("group", sort=False)["mean"].mean().to_dict()


def _by_outcome(outputs: pd.DataFrame, method: str) -> dict[str, float]:
    """Mean over ECGs from the means of their bins."""
    if not len(outputs):
        return {}
    rows = outputs.loc[outputs["method"] == method]
    return {
        str(name): float(np.average(each["relevance"], weights=each["ecgs"]))
        for name, each in rows.groupby("outcome")
    }
