"""The leads with the largest mean relevance, in ECGs with a class and without it."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from ....eval import Finding
from ...text.numerals import percent
from ..experiments import labelled, learned, of_data, with_interval
from ..part import Part, Table
from ..printed import ABSTRACT, printed_bender
from .maps import kind_of_map
from .outcomes import classes_of, rows_of

FIRST = 3  # leads that are named


def leads_part(found: Sequence[Finding]) -> Part:
    """Leads by signed mean relevance with its interval, in 12 and in 8 leads, and by share."""
    words = [ABSTRACT.format(printed_bender()["leads"])]
    every, shown = [], []
    for finding in found:
        for name in classes_of(finding):
            rows = rows_of(finding, "by_lead", name)
            if not len(rows) or name not in {*rows["group"]}:
                words.append(
                    f"{name} on {of_data(learned(finding))}: the run kept no mean by lead, which "
                    f"needs more patients with the class than its {len(finding.about.records)} "
                    "ECGs have."
                )
                continue
            every.append(rows.assign(**learned(finding)))
            shown += _named(rows, {"class": name, **learned(finding)})
    if not every:
        return Part("Leads", (), (), tuple(words))
    caption = (
        f"The {FIRST} leads with the largest mean relevance in ECGs with the class, with its 95 % "
        "interval over patients; the same leads in the ECGs that it is compared with; and the "
        f"{FIRST} leads with the largest share of |relevance| in ECGs with the class. In the 12 "
        "leads of the input and, where the map allows it, in the 8 independent ones. Which leads "
        "the advice names is not in the abstract."
    )
    table = Table(
        "leads", caption, pd.concat(every, ignore_index=True), labelled(pd.DataFrame(shown))
    )
    return Part("Leads", (table,), (), tuple(words))


def _named(rows: pd.DataFrame, of: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """A row for each method in 12 and in 8 leads; `of` names the class and the data."""
    for method in dict.fromkeys(rows["method"]):
        for leads in dict.fromkeys(rows.loc[rows["method"] == method, "leads"]):
            own = rows.loc[(rows["method"] == method) & (rows["leads"] == leads)]
            there = own.loc[own["group"] == of["class"]]
            beside = own.loc[own["group"] != of["class"]]
            largest = _first(there, "mean")
            beside = {row["lead"]: row for row in beside.to_dict("records")}
            yield {
                "method": method,
                **of,
                "map": kind_of_map(method),
                "leads": leads,
                "largest mean [95 %]": _means(largest),
                "compared with": next((row["group"] for row in beside.values()), ""),
                "there": _means([beside[row["lead"]] for row in largest if beside]),
                "largest share": "; ".join(
                    f"{row['lead']} {percent(row['share'])}" for row in _first(there, "share")
                ),
            }


def _first(rows: pd.DataFrame, name: str) -> list[dict[Hashable, Any]]:
    """The leads with the largest number in a column."""
    return rows.sort_values(name, ascending=False).head(FIRST).to_dict("records")


def _means(rows: Sequence[Mapping[Hashable, Any]]) -> str:
    return "; ".join(
        f"{row['lead']} {with_interval(row['mean'], row['mean_low'], row['mean_high'])}"
        for row in rows
    )
