"""The leads with the largest mean relevance, in ECGs with a class and without it."""

from collections.abc import Iterator, Mapping, Sequence

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
    for (method, leads), own in rows.groupby(["method", "leads"], sort=False):
        groups = {str(name): each.set_index("lead") for name, each in own.groupby("group")}
        there = groups.pop(str(of["class"]))
        largest = there.sort_values("mean", ascending=False).head(FIRST)
        other, beside = next(iter(groups.items()), ("", pd.DataFrame()))
        shares = there["share"].sort_values(ascending=False).head(FIRST)
        yield {
            "method": method,
            **of,
            "map": kind_of_map(str(method)),
            "leads": leads,
            "largest mean [95 %]": _means(largest),
            "compared with": other,
            "there": _means(beside.loc[largest.index]) if len(beside) else "",
            "largest share": "; ".join(
                f"{lead} {percent(share)}" for lead, share in shares.items()
            ),
        }


def _means(rows: pd.DataFrame) -> str:
    return "; ".join(
        f"{lead} {with_interval(row['mean'], row['mean_low'], row['mean_high'])}"
        for lead, row in rows.iterrows()
    )
